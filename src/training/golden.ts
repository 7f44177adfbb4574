import { type Examples, inputsOf } from '../dataset/examples.ts';
import { Random } from '../dataset/synthetic/random.ts';
import { protectedQuantile, sortedValues } from './disclosure.ts';
import type { ForestJson } from '../forest/format.ts';
import type { Inputs } from '../model/features.ts';
import type { Golden } from '../model/artifact/golden.ts';
import type { Feature } from '../model/manifest.ts';
import type { Model } from '../model/model.ts';

const ORDINARY_ROWS = 24;
const TENTHS = 10;
/** Digits of a number that is drawn: enough to tell apart, few enough to read. */
const DIGITS = 4;
const THRESHOLD_ROWS = 4;

/**
 * Inputs from the middle and the edges of what a model accepts, with its very predictions.
 *
 * @param personal whether the examples can be people: then none of them is shown
 */
export function goldenOf(
  model: Model,
  forest: ForestJson,
  examples: Examples,
  seed: number,
  personal: boolean,
): Golden {
  const random = new Random(seed);
  const ordinary = personal ? likely(model, examples, random) : drawn(model, examples, random);
  const inputs = [model.inputs.defaults(), ...ordinary, ...edgesOf(model), ...thresholdsOf(model, forest)];
  return {
    rows: model
      .predictMany(inputs)
      .map(({ output, amount }, i) => ({ inputs: inputs[i], score: output, amount })),
  };
}

/** Rows as they are. */
function drawn({ manifest }: Model, examples: Examples, random: Random): Inputs[] {
  return Array.from({ length: Math.min(ORDINARY_ROWS, examples.rows) }, () =>
    inputsOf(manifest.features, examples, random.integer(0, examples.rows - 1)),
  );
}

/** Nobody's inputs: each is drawn by itself, from between the tenths of its values. */
function likely({ manifest }: Model, examples: Examples, random: Random): Inputs[] {
  const features = manifest.features.map((feature, f) => {
    const sorted = sortedValues(examples, f);
    const tenths = Array.from({ length: TENTHS + 1 }, (_, i) => protectedQuantile(sorted, i / TENTHS));
    return { feature, tenths };
  });
  const drawOne = ({ feature, tenths }: (typeof features)[number]) => {
    const { kind, choices = [], min, max } = feature;
    if (kind === 'choice') return choices[random.integer(0, choices.length - 1)];
    const below = random.integer(0, TENTHS - 1);
    const value = tenths[below] + random.uniform() * (tenths[below + 1] - tenths[below]);
    const rounded = kind === 'integer' ? Math.round(value) : Number(value.toPrecision(DIGITS));
    return Math.min(max, Math.max(min, rounded));
  };
  return Array.from({ length: ORDINARY_ROWS }, () =>
    Object.fromEntries(features.map((one) => [one.feature.name, drawOne(one)])),
  );
}

function edgesOf(model: Model): Inputs[] {
  const features = model.manifest.features;
  const usual = model.inputs.defaults();
  const all = (value: (feature: Feature) => number | string) =>
    Object.fromEntries(features.map((feature) => [feature.name, value(feature)]));
  const one = (feature: Feature, value: number): Inputs => ({ ...usual, [feature.name]: value });
  const spending = (amount: (feature: Feature) => number): Inputs => ({
    ...usual,
    ...Object.fromEntries(expenses.map((feature) => [feature.name, amount(feature)])),
  });
  const { income, expenses } = model;
  const evenly = income === undefined ? 0 : Math.floor(Number(usual[income.name]) / expenses.length);
  const numbers = features.filter((feature) => feature.kind !== 'choice');

  return [
    all((feature) => (feature.kind === 'choice' ? feature.choices![0] : feature.min)),
    all((feature) => (feature.kind === 'choice' ? feature.choices!.at(-1)! : feature.max)),
    // Nothing spent, nearly everything spent, and far more than there is.
    spending(({ min }) => min),
    spending(({ min, max }) => Math.max(min, Math.min(max, evenly))),
    spending(({ min, max }) => Math.max(min, Math.min(max, evenly * 3))),
    ...(income === undefined
      ? []
      : [income.min, income.max, income.trained.min].map((value) => one(income, value))),
    ...numbers.slice(0, 16).map((feature) => one(feature, feature.trained.max)),
  ];
}

/** Inputs that lie exactly on a tree's first threshold, where an evaluator that takes <= for < goes wrong. */
function thresholdsOf(model: Model, { baseModel }: ForestJson): Inputs[] {
  const { encoding, features } = model.manifest;
  const inputs = new Map<number, Inputs>();
  for (const [tree, { root }] of baseModel.estimators.entries()) {
    if (inputs.size === THRESHOLD_ROWS) break;
    if (!('splitColumn' in root)) continue;
    const column = encoding[baseModel.indexes[tree][root.splitColumn]];
    const name = 'feature' in column ? column.feature : undefined;
    const feature = features.find((candidate) => candidate.name === name && candidate.kind === 'number');
    if (feature !== undefined) {
      inputs.set(root.splitValue, { ...model.inputs.defaults(), [feature.name]: root.splitValue });
    }
  }
  return [...inputs.values()];
}
