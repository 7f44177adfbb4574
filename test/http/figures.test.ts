import { beforeAll, describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { flatten } from '../../src/forest/flatten.ts';
import { compile } from '../../src/forest/predict.ts';
import type { Inputs } from '../../src/model/features.ts';
import { type Feature, type Manifest, manifestSchema } from '../../src/model/manifest.ts';
import { Model } from '../../src/model/model.ts';
import { modelCard } from '../../src/training/card.ts';
import { randomForest } from '../forest/random-forest.ts';
import { testApp } from '../support/app.ts';
import { testModel } from '../support/model.ts';

/** Figures that are none, and a minus before a zero, in HTML, SVG, Markdown and CSV. */
const NO_FIGURE = /NaN|Infinity|∞|undefined|(?<![\w.-])[-−]\p{Sc}?\s?0(?:[.,]0+)?(?![\d.,]*[1-9])(?![\w-])/u;

/** Where it stands, for the message of a failure. */
function noFigureIn(text: string): string | undefined {
  // What a class, an id, an address or a hash holds is no figure.
  const shown = text.replaceAll(/ (?:class|id|href|src|for|name|aria-\w+by|data-\w+)="[^"]*"/g, '');
  const found = NO_FIGURE.exec(shown);
  return found ? shown.slice(Math.max(0, found.index - 60), found.index + 30) : undefined;
}

/** Odd but legal: amounts from the least to the most that there is, no share of income, neither floor nor cap. */
function extremeManifest(like: Manifest, ends: { min: number; max: number }, step: number): Manifest {
  const feature = (name: string, changes: Partial<Feature>): Feature => ({
    ...like.features[0],
    name,
    column: name,
    label: `The ${name}`,
    group: 'All',
    ...ends,
    step,
    default: ends.max,
    trained: ends,
    ...changes,
  });
  const rule = { label: 'A rule', source: { name: 'A book', year: 1900, country: 'ZZ' } };
  return {
    ...like,
    version: 'extreme-1',
    examples: undefined!,
    features: [
      feature('salary', { role: 'income' }),
      feature('tier', {
        role: 'other',
        kind: 'choice',
        choices: ['city', 'town'],
        min: 0,
        max: 1,
        default: 'town',
      }),
      feature('people', { role: 'other', kind: 'integer', min: 3, max: 3, default: 3, step: 1 }),
      ...['housing', 'food', 'travel'].map((name) => feature(name, { role: 'expense' })),
    ],
    derived: [
      { name: 'left', label: 'Left', op: 'remainder', of: 'salary', minus: ['housing', 'food', 'travel'] },
    ],
    encoding: [{ feature: 'salary' }, { feature: 'tier', choice: 'city' }, { derived: 'left' }],
    target: { ...like.target, transform: 'identity', clamp: undefined! },
    rules: [
      { ...rule, of: { expenses: ['housing', 'food', 'travel'] }, direction: 'at most', limit: 1e-9 },
      { ...rule, of: { leftOver: true }, direction: 'at least', limit: 1 },
    ],
    importances: [
      { feature: 'salary', maeIncrease: -1e-9, standardDeviation: 5e-324 },
      { feature: 'housing', maeIncrease: -0.04, standardDeviation: 1e15 },
    ],
    metrics: {
      model: { mae: 1e15, rmse: 5e-324, r2: -1e-9 },
      mean: like.metrics.mean,
      linear: like.metrics.linear,
    },
    interval: {
      ...like.interval,
      method: 'split-conformal',
      bands: [{ ...like.interval.bands[0], below: null, quantile: 5e-324 }],
    },
  };
}

type Server = Awaited<ReturnType<typeof testApp>>;

async function serverOf(manifest: Manifest): Promise<Server> {
  const parsed = manifestSchema.parse(JSON.parse(JSON.stringify(manifest)));
  const shape = { trees: 5, features: 3, maxDepth: 4, selectionMethod: 'mean', annotated: true } as const;
  const forest = randomForest(7, shape);
  const flat = flatten(forest, 3);
  const model = new Model(parsed, 'f'.repeat(64), compile(flat), undefined, flat);
  return testApp({
    live: { model, state: { model, loadedAt: new Date(), stale: undefined, failure: undefined } },
  });
}

const ODD = [0, 5e-324, 1e-300, 1e-9, 0.004, 0.5, 1, 999.995, 1e6, 1e15, -5e-324, -0.004, -1e15];

/** Any household within what a model accepts: odd numbers and its ends before all, one for all amounts or each its own. */
function households(model: Model): fc.Arbitrary<Inputs> {
  const { features } = model.manifest;
  const amount = ({ min, max }: Feature) =>
    fc.oneof(
      fc.constantFrom(min, max, ...ODD.filter((value) => value >= min && value <= max)),
      fc.double({ min, max, noNaN: true }).map((value) => value + 0),
    );
  const anyOf = (feature: Feature): fc.Arbitrary<number | string> => {
    if (feature.choices) return fc.constantFrom(...feature.choices);
    return feature.kind === 'integer' ? fc.integer(feature) : amount(feature);
  };
  const each = fc.record(Object.fromEntries(features.map((feature) => [feature.name, anyOf(feature)])));
  const alike = fc.tuple(each, amount(model.expenses[0])).map(([inputs, value]) => ({
    ...inputs,
    ...Object.fromEntries(model.expenses.map(({ name }) => [name, value])),
  }));
  return fc.oneof(each, alike);
}

const textOf = (inputs: Inputs) =>
  Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, String(value)]));

/** As somebody types them: three decimals alone would read as thousands too. */
const typed = (inputs: Inputs) =>
  Object.fromEntries(
    Object.entries(textOf(inputs)).map(([name, text]) => [name, text.replace(/\.\d{3}$/, '$&0')]),
  );

describe.each([
  ['the savings model', async () => testApp()],
  ['amounts from nothing to the most', async () => extreme({ min: 0, max: 1e15 }, 1e-9)],
  ['amounts below zero too', async () => extreme({ min: -1e15, max: 1e15 }, 1)],
  ['amounts that hardly differ from nothing', async () => extreme({ min: 0, max: 5e-324 }, 1e15)],
  ['one amount alone', async () => extreme({ min: 7, max: 7 }, 1)],
])('no figure that is none: %s', (_, open) => {
  let server: Server;
  beforeAll(async () => {
    server = await open();
  });
  const page = async (path: string) => (await server.app.request(path, INDIA)).text();
  const INDIA = { headers: { 'accept-language': 'en-IN' } };
  const RUNS = { seed: 14, numRuns: 60 };

  test('on the page as it begins, nor on that of the model', async () => {
    for (const path of ['/', '/model', '/docs', '/batch'])
      expect(noFigureIn(await page(path))).toBeUndefined();
    expect(noFigureIn(modelCard(liveOf(server).manifest))).toBeUndefined();
  });

  test('on the page and in the part of it that is swapped, for any household, goal and household to compare with', async () => {
    const model = liveOf(server);
    const goals = fc.constantFrom('', '1', '5e-324', '0.001', String(model.income!.max));
    await fc.assert(
      fc.asyncProperty(households(model), households(model), goals, async (inputs, kept, goal) => {
        const fields = {
          ...typed(inputs),
          _goal: goal,
          _keptA: new URLSearchParams(textOf(kept)).toString(),
        };
        for (const headers of [{}, { 'hx-request': 'true' }]) {
          const response = await server.postForm(fields, { 'accept-language': 'en-IN', ...headers });
          expect(response.status).toBe(200);
          expect(
            noFigureIn(
              (await response.text()).replaceAll(/ (?:value|placeholder|data-text|data-amount)="[^"]*"/g, ''),
            ),
          ).toBeUndefined();
        }
      }),
      RUNS,
    );
  });

  test('in the responses to programs: numbers where numbers are promised', async () => {
    const model = liveOf(server);
    await fc.assert(
      fc.asyncProperty(households(model), async (inputs) => {
        const text = await (await server.postJson({ inputs, contributions: true })).text();
        expect(JSON.parse(text).predictions).toHaveLength(1);
        expect(text.replace('"contributions":null', '')).not.toContain('null');
        const tensors = model.manifest.features.map(({ name, kind }) => ({
          name,
          shape: [1],
          datatype: kind === 'choice' ? 'BYTES' : 'FP64',
          data: [inputs[name]],
        }));
        const inferred = await server.app.request(`/v2/models/${model.manifest.name}/infer`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ inputs: tensors }),
        });
        expect(inferred.status).toBe(200);
        expect(await inferred.text()).not.toContain('null');
      }),
      RUNS,
    );
  });

  test('in a predicted CSV', async () => {
    const model = liveOf(server);
    const rows = fc.sample(households(model), { ...RUNS, numRuns: 200 });
    const { features } = model.manifest;
    const lines = rows.map((row) => features.map(({ name }) => row[name]).join(','));
    const body = `${features.map(({ column }) => column).join(',')}\n${lines.join('\n')}\n`;
    const response = await server.app.request('/batch', {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body,
    });
    const predicted = (await response.text()).trim().split('\n');
    expect(predicted).toHaveLength(rows.length + 1);
    for (const line of predicted.slice(1)) {
      const cells = line.split(',').slice(features.length);
      for (const cell of cells.slice(0, 3)) expect(cell).toMatch(/^-?\d+(\.\d\d|e\+\d+)?$|^-?\d\.\d+e\+\d+$/);
      expect(cells.join(',')).not.toMatch(/-0\.00/);
    }
  });
});

function liveOf({ deps }: Server): Model {
  return deps.live.model!;
}

async function extreme(ends: { min: number; max: number }, step: number): Promise<Server> {
  return serverOf(extremeManifest((await testModel()).manifest, ends, step));
}

describe('figures that are beyond all figures', () => {
  test('are refused by name, in the form and in JSON', async () => {
    const server = await testApp();
    const income = { ...textOf(server.model.inputs.defaults()), income: '9'.repeat(60) };
    const html = await (await server.postForm(income, { 'accept-language': 'en-IN' })).text();
    expect(html).toContain('Income: please enter at most 1,00,00,000.');
    expect(noFigureIn(html)).toBeUndefined();
    const body = JSON.stringify({ inputs: server.model.inputs.defaults() }).replace(
      /"income":\d+/,
      '"income":1e400',
    );
    expect(await (await server.postJson(body)).json()).toMatchObject({
      errors: [{ field: 'income', reason: 'above_max', message: 'Income: please enter at most 10000000.' }],
    });
  });

  test.each([
    ['the most of an input', (m: Manifest) => Object.assign(m.features[0], { max: 1e308 })],
    ['the least of an input', (m: Manifest) => Object.assign(m.features[3], { min: -1e16 })],
    ['a step', (m: Manifest) => Object.assign(m.features[0], { step: 5e-324 })],
    ['a proposal', (m: Manifest) => Object.assign(m.features[0], { default: 1e16 })],
    ['the income that shares are of', (m: Manifest) => Object.assign(m.features[0], { min: 5e-324 })],
    ['an interval', (m: Manifest) => Object.assign(m.interval.bands[0], { quantile: 1e300 })],
  ])('are refused in a manifest: %s', async (_, change) => {
    const manifest = structuredClone((await testModel()).manifest);
    change(manifest);
    expect(manifestSchema.safeParse(manifest).success).toBe(false);
  });
});
