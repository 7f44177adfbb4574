import type { ColumnProfile, CsvProfile } from '../../dataset/column-profile.ts';
import { LEAST_DIVISOR, operandsOf } from '../../model/derived-columns.ts';
import type { Column, Derived, Feature } from '../../model/manifest.ts';
import { isPersonal, LEAST_ROWS } from '../disclosure.ts';
import type { ModelDescription } from '../model-description.ts';
import { rangeOf } from './ranges.ts';
import type { Description, FeatureDescription } from './schema.ts';
import { labelOf } from './words.ts';

/** A description with everything that it may leave out. */
export interface Completed {
  model: ModelDescription;
  /** By place in the completed derived columns, and columns of the forest: the place in the description. */
  derivedFrom: readonly number[];
  encodingFrom: readonly number[];
  /** By feature: the choice as which texts that are no choice count. */
  others: ReadonlyMap<string, string>;
}

/** What texts of few rows are called together. */
export const OTHERS = 'Other';
const GROUPS = { income: 'Income', expense: 'Expenses', other: 'Other' } as const;
/** Where all are of one kind. */
const ONE_GROUP = 'Figures';
/** Beyond all figures that a manifest can hold. */
const NO_END = 1e15;

const MOST_LABEL = 80;

export const columnOf = ({ column, name }: FeatureDescription) => column ?? name;

/**
 * Fills in what a description leaves out.
 *
 * @param profile the data; without it ranges that are left out have no ends, and choices are those that are named
 */
export function completed(description: Description, profile?: CsvProfile): Completed {
  const { name, currency, period, rules, examples, target } = description;
  const money = [symbolOf(currency), period].filter(Boolean).join('/');
  const dividing = divisorsOf(description);
  const columns = new Map(profile?.columns.map((column) => [column.column, column]));
  const personal = isPersonal(description.data ?? {});
  const others = new Map<string, string>();
  const features = description.features.map((feature) => {
    const { texts } = columns.get(columnOf(feature)) ?? {};
    const merged = feature.others ?? (personal ? nameOfRare(feature, texts) : undefined);
    if (merged !== undefined) others.set(feature.name, merged);
    return completedFeature(feature, {
      merged,
      money,
      divides: dividing.has(feature.name),
      areAlike: description.features.every(({ role = 'other' }) => role === 'other'),
      profile: columns.get(columnOf(feature)),
      named: choicesNamed(description, feature.name),
    });
  });
  const derivedFrom = inOrder(description.derived ?? []);
  const derived = derivedFrom.map((i) => description.derived![i]!);
  const { encoding, encodingFrom } = completedEncoding(description, features, derived);
  return {
    model: {
      name,
      features,
      derived,
      encoding,
      ...(rules === undefined ? {} : { rules }),
      ...(examples === undefined ? {} : { examples }),
      target: {
        name: target.name ?? 'target',
        column: target.column ?? computedColumn(target.computed),
        ...(target.computed === undefined ? {} : { computed: target.computed }),
        label: target.label,
        unit: target.unit ?? money,
        ...(currency === undefined ? {} : { currency }),
        ...(period === undefined ? {} : { period }),
        transform: target.transform ?? 'identity',
        ...(target.clamp === undefined ? {} : { clamp: target.clamp }),
      },
    },
    derivedFrom,
    encodingFrom,
    others,
  };
}

/** What texts of few rows are counted as, where the choices are left to the data and any are so rare. */
function nameOfRare(
  { kind, choices }: FeatureDescription,
  texts: ColumnProfile['texts'],
): string | undefined {
  if (kind !== 'choice' || choices !== undefined || texts === undefined) return undefined;
  return [...texts.values()].some((rows) => rows < LEAST_ROWS) ? OTHERS : undefined;
}

interface Surroundings {
  money: string;
  divides: boolean;
  /** Whether no feature is an income or expense. */
  areAlike: boolean;
  profile: ColumnProfile | undefined;
  named: string[];
  /** The choice that stands for all texts that are none of their own. */
  merged: string | undefined;
}

type Untrained = Omit<Feature, 'trained'>;

function completedFeature(feature: FeatureDescription, around: Surroundings): Untrained {
  const { name, kind, role = 'other', help = '', discretionary } = feature;
  const column = columnOf(feature);
  const unit = feature.unit ?? (role === 'other' || kind === 'choice' ? undefined : around.money);
  return {
    ...{ name, column, label: feature.label ?? labelOf(column), role, kind },
    ...(unit === undefined ? {} : { unit }),
    group: feature.group ?? (around.areAlike ? ONE_GROUP : GROUPS[role]),
    ...(kind === 'choice' ? completedChoices(feature, around) : completedRange(feature, around)),
    help,
    ...(discretionary === undefined ? {} : { discretionary }),
  };
}

/** What its values are, in the order in which a manifest has these keys. */
type Values = Pick<Untrained, 'min' | 'max' | 'step' | 'default' | 'choices'>;

function completedRange(feature: FeatureDescription, { divides, profile }: Surroundings): Values {
  const found =
    profile === undefined || profile.numbers === 0
      ? { min: divides ? LEAST_DIVISOR : -NO_END, max: NO_END, step: 1, default: undefined }
      : rangeOf(profile, {
          whole: feature.kind === 'integer',
          divides,
          isAmount: (feature.role ?? 'other') !== 'other',
        });
  const { min = found.min, max = found.max, step = found.step } = feature;
  const start = feature.default ?? Math.min(max, Math.max(min, found.default ?? min));
  return { min, max, step, default: start };
}

function completedChoices(feature: FeatureDescription, { profile, named, merged }: Surroundings): Values {
  const texts = profile?.texts ?? new Map<string, number>();
  const choices =
    feature.choices ??
    choicesOf(profile === undefined ? [...named, 'a', 'b'] : keptApart(texts, merged), merged);
  const [usual] = choices.toSorted((a, b) => (texts.get(b) ?? 0) - (texts.get(a) ?? 0));
  const start = feature.default ?? usual ?? '';
  return { min: 0, max: Math.max(0, choices.length - 1), step: 1, default: start, choices };
}

/** Texts that are choices of their own: all of them, or, where the others are merged, those of ten rows and more. */
function keptApart(texts: ReadonlyMap<string, number>, merged: string | undefined): string[] {
  return [...texts].flatMap(([text, rows]) => (merged === undefined || rows >= LEAST_ROWS ? [text] : []));
}

/** In order, with what stands for the rest at the end. */
export function choicesOf(texts: readonly string[], merged: string | undefined): string[] {
  const own = texts.filter((text) => text !== merged).sort();
  return merged === undefined ? own : [...own, merged];
}

/** Choices that the encoding names one by one. */
function choicesNamed({ encoding = [] }: Description, name: string): string[] {
  return encoding.flatMap((column) =>
    typeof column !== 'string' && 'choice' in column && column.feature === name ? [column.choice] : [],
  );
}

function completedEncoding(
  description: Description,
  features: readonly Untrained[],
  derived: readonly Derived[],
): { encoding: Column[]; encodingFrom: number[] } {
  const seen = description.encoding ?? [...features, ...derived].map(({ name }) => name);
  const byName = new Map(features.map((feature) => [feature.name, feature]));
  const columns = seen.flatMap((column, from): { column: Column; from: number }[] => {
    if (typeof column !== 'string') return [{ column, from }];
    const feature = byName.get(column);
    if (feature?.choices !== undefined)
      return feature.choices.map((choice) => ({ column: { feature: column, choice }, from }));
    return [{ column: feature === undefined ? { derived: column } : { feature: column }, from }];
  });
  return { encoding: columns.map(({ column }) => column), encodingFrom: columns.map(({ from }) => from) };
}

/** Features that something is divided by, so that they may not be 0. */
function divisorsOf({ derived = [], target }: Description): Set<string> {
  const divisors = derived.flatMap((column) => (column.op === 'share' ? [column.by] : []));
  const { transform = 'identity' } = target;
  return new Set(transform === 'identity' ? divisors : [...divisors, transform.multiplyBy]);
}

/**
 * Places of the derived columns in an order in which each follows what it is computed from, the given one as far as it
 * is such an order. Those in a circle, which have none, come last.
 */
export function inOrder(derived: readonly Derived[]): number[] {
  const waiting = new Set(derived.map(({ name }) => name));
  const ordered: number[] = [];
  const left = new Set(derived.keys());
  for (let before = -1; before !== ordered.length; ) {
    before = ordered.length;
    for (const i of left) {
      if (operandsOf(derived[i]!).some((operand) => waiting.has(operand))) continue;
      ordered.push(i);
      left.delete(i);
      waiting.delete(derived[i]!.name);
    }
  }
  return [...ordered, ...left];
}

/** What stands for the target's column where it is computed. */
function computedColumn(computed: Description['target']['computed']): string {
  return computed === undefined ? '' : [computed.of, ...computed.minus].join(' - ').slice(0, MOST_LABEL);
}

/** Such as £, or the code where there is no sign. */
function symbolOf(currency: string | undefined): string {
  if (currency === undefined) return '';
  const parts = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
  }).formatToParts(0);
  return parts.find(({ type }) => type === 'currency')?.value ?? currency;
}
