import { type FieldError, type Inputs, InputSchema, type Parsed } from './features.ts';
import type { Feature, Manifest } from './manifest.ts';

/** What an amount that comes again and again can be for. */
export const PERIODS = ['week', 'month', 'year'] as const;
export type Period = (typeof PERIODS)[number];

/** The periods that a person chose, by feature; what is not in it is in the model's own. */
export type Periods = Readonly<Record<string, Period>>;

/** How many of each there are in a year, which has 365.2425 days by the Gregorian calendar: 52.1775 weeks. */
const IN_A_YEAR: Readonly<Record<Period, number>> = { week: 365.2425 / 7, month: 12, year: 1 };

/** Amounts as a person gave them, and what periods they are for. */
export interface GivenInputs {
  amounts: Inputs;
  periods: Periods;
}

export type ParsedInPeriods =
  | { ok: true; inputs: Inputs; given: GivenInputs }
  | { ok: false; errors: FieldError[] };

/** Whether a feature is an amount that can be given for another period than the model's. */
export function comesAgain({ role, kind }: Pick<Feature, 'role' | 'kind'>): boolean {
  return role !== 'other' && kind === 'number';
}

/** The same money for another period, in whole cents. */
export function convertAmount(amount: number, from: Period, to: Period): number {
  return from === to ? amount : cents(perPeriod(amount, from, to), Math.round);
}

/** The features with everything that is said of them in the periods chosen: bounds, and what was trained on. */
export function featuresIn(
  { features, target }: Pick<Manifest, 'features' | 'target'>,
  periods: Periods,
): readonly Feature[] {
  return features.map((feature) => {
    const usual = target.period;
    const period = periods[feature.name] ?? usual;
    if (usual === undefined || period === undefined || period === usual) return feature;
    const inPeriod = (bound: number, round: (value: number) => number) =>
      cents(perPeriod(bound, usual, period), round);
    return {
      ...feature,
      // It says the period, and of another one nothing is known but that.
      unit: undefined,
      // Rounded inwards, so that what is within them is within the model's own.
      min: inPeriod(feature.min, Math.ceil),
      max: inPeriod(feature.max, Math.floor),
      trained: {
        min: inPeriod(feature.trained.min, Math.round),
        max: inPeriod(feature.trained.max, Math.round),
      },
    };
  });
}

/**
 * Checks inputs whose amounts are for the periods chosen. What is refused is refused in the period that it was given in.
 *
 * @param parse hands the inputs to a schema whose bounds are in the periods chosen
 */
export function parseInPeriods(
  manifest: Pick<Manifest, 'features' | 'target'>,
  inputs: InputSchema,
  periods: Periods,
  parse: (schema: InputSchema, nameOf: (feature: Feature) => string) => Parsed,
): ParsedInPeriods {
  const { period } = manifest.target;
  const other = manifest.features.filter(({ name }) => (periods[name] ?? period) !== period);
  const schema = other.length === 0 ? inputs : new InputSchema(featuresIn(manifest, periods));
  const nameOf = ({ name, label }: Feature) => nameInPeriod(label, periods[name], period);
  const parsed = parse(schema, nameOf);
  if (!parsed.ok) return parsed;
  const converted = other.map(({ name, min, max }) => {
    // Only amounts have a period to choose, and a model with amounts has one of its own.
    const amount = convertAmount(Number(parsed.inputs[name]), periods[name], period!);
    return [name, Math.min(max, Math.max(min, amount))];
  });
  return {
    ok: true,
    inputs: { ...parsed.inputs, ...Object.fromEntries(converted) },
    given: { amounts: parsed.inputs, periods },
  };
}

/** What a message calls a feature whose bounds it names: "Rent, a week" where that is not what the model goes by. */
export function nameInPeriod(label: string, chosen: Period | undefined, usual: Period | undefined): string {
  return chosen === undefined || chosen === usual ? label : `${label}, a ${chosen}`;
}

function perPeriod(amount: number, from: Period, to: Period): number {
  return (amount * IN_A_YEAR[from]) / IN_A_YEAR[to];
}

function cents(amount: number, round: (value: number) => number): number {
  return round(amount * 100) / 100;
}
