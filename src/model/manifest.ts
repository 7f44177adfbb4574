import { z } from 'zod';
import { isPrintable } from '../printable.ts';

/**
 * The artifact formats this program reads and writes. Programs that know only the first refuse a manifest with a key
 * that it does not have, so the second is written only where such a key is used: see `formatOf`.
 */
export const MANIFEST_FORMATS = ['savings-model/1', 'savings-model/2'] as const;
export type ManifestFormat = (typeof MANIFEST_FORMATS)[number];

/** Files of an artifact, by the names they have in its version folder. */
export const FILES = {
  manifest: 'manifest.json',
  forest: 'forest.json.gz',
  reference: 'reference.json',
  golden: 'golden.json',
  card: 'MODEL_CARD.md',
  signature: 'model.sig',
} as const;

/** A version's name: also a folder's and an S3 key's, so it can hold no slash and cannot begin with a dot. */
export const versionName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9.-]{0,63}$/,
    'must be 1 to 64 of a-z, 0-9, dot and dash, and begin with a letter or digit',
  );

/** A channel's name, such as `prod`. */
export const channelName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9-]{0,31}$/,
    'must be 1 to 32 of a-z, 0-9 and dash, and begin with a letter or digit',
  );

export const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/, 'must be a sha256 in lower-case hex');

const name = z
  .string()
  .regex(/^[a-z][A-Za-z0-9]{0,39}$/, 'must be camelCase, at most 40 characters')
  // These would read or shadow what every object inherits when inputs are held in one.
  .refine((value) => !(value in Object.prototype), 'must not be the name of an Object member');
const MUST_BE_PRINTABLE = 'must be printable text, without control or invisible characters';
/** Whoever writes a manifest writes to the terminals and pages of those who read it. */
const printableText = z.string().refine(isPrintable, MUST_BE_PRINTABLE);
const label = printableText.min(1).max(80);
/** A sentence. Line breaks and tabs, which earlier versions took from their options, are read as blanks. */
export const sentence = z
  .string()
  .max(400)
  .transform((value) => value.replace(/[\t\n\r]+/g, ' '))
  .refine(isPrintable, MUST_BE_PRINTABLE);
const timestamp = z.iso.datetime();
/** Any amount, rate or bound: far beyond all money, and no sum or product of a few of them is infinite. */
const MOST = 1e15;
const figure = z.number().min(-MOST).max(MOST);
/** What is divided by: no quotient of two figures is infinite either. */
const LEAST = 1e-9;

export const featureSchema = z
  .strictObject({
    name,
    /** Header of this feature's column in a CSV. */
    column: label,
    label,
    role: z.enum(['income', 'expense', 'other']),
    kind: z.enum(['number', 'integer', 'choice']),
    unit: label.optional(),
    /** The part of the form it stands in. */
    group: label,
    /** Accepted range, both ends included; for a choice, 0 and the last choice's index. */
    min: figure,
    max: figure,
    step: figure.min(LEAST),
    default: z.union([figure, printableText]),
    choices: z.array(label).min(2).max(64).optional(),
    help: sentence,
    /** Range seen in training: beyond it the forest can only repeat its outermost output. */
    trained: z.strictObject({ min: figure, max: figure }),
  })
  .refine((f) => f.min <= f.max, 'min must not be above max')
  .refine(
    (f) => (f.kind === 'choice') === (f.choices !== undefined),
    'a choice, and only a choice, has choices',
  )
  .refine(
    (f) =>
      f.kind === 'choice' ? (f.choices?.includes(String(f.default)) ?? false) : typeof f.default === 'number',
    'default must be of the kind the feature has',
  );

/** A column computed from the inputs by the same code in training and in serving. */
const derivedSchema = z.discriminatedUnion('op', [
  /** `of / by`; `by` is a feature that must be above 0, by at least 1e-9. */
  z.strictObject({ name, label, op: z.literal('share'), of: name, by: name }),
  /** `of` less every one of `minus`. */
  z.strictObject({ name, label, op: z.literal('remainder'), of: name, minus: z.array(name).min(1).max(64) }),
]);

/** One column of the forest's input. */
const columnSchema = z.union([
  z.strictObject({ feature: name }),
  z.strictObject({ feature: name, choice: label }),
  z.strictObject({ derived: name }),
]);

const scores = z.strictObject({ mae: figure, rmse: figure, r2: z.number() });

const intervalBand = z.strictObject({
  /** Incomes below this are in the band (and not in an earlier one); null on the last. */
  below: figure.positive().nullable(),
  /**
   * By how much the interval reaches beyond what it is built around, in the forest's unit (a share of income where the
   * target is multiplied by it): half of its width, or what is added to the forest's own quantiles, which may be below 0.
   */
  quantile: figure,
  /** Share of the held-out rows of this band whose target lay inside, and how many rows that was. */
  measuredCoverage: z.number().min(0).max(1),
  rows: z.int().nonnegative(),
});

/** As a band: the held-out rows of one tenth of the predictions. */
const intervalTenth = z.strictObject({
  below: figure.nullable(),
  measuredCoverage: z.number().min(0).max(1),
  rows: z.int().nonnegative(),
});

/**
 * How intervals are made: as wide for all households of a band of incomes, around the prediction; or for each one around
 * the quantiles of the forest's leaves that it comes to.
 */
export const INTERVAL_METHODS = ['split-conformal', 'conformal-quantiles'] as const;
export type IntervalMethod = (typeof INTERVAL_METHODS)[number];

/** What kind of rows a model can have learned from. */
export const DATA_KINDS = ['synthetic', 'survey', 'records'] as const;
/** The first and the last year that data may speak of. */
export const DATA_YEARS = [1900, 2200] as const;

export const manifestSchema = z
  .strictObject({
    format: z.enum(MANIFEST_FORMATS),
    name: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'must be lower case with dashes, at most 40 characters'),
    version: versionName,
    createdAt: timestamp,
    /** After this the model should be trained again; an alert says so. */
    reviewBy: timestamp,
    gitSha: z
      .string()
      .regex(/^[0-9a-f]{7,64}$/)
      .optional(),
    features: z.array(featureSchema).min(1).max(64),
    derived: z.array(derivedSchema).max(128),
    encoding: z.array(columnSchema).min(1).max(256),
    target: z.strictObject({
      name,
      /** Header of the target's column in a training CSV. */
      column: label,
      label,
      unit: label,
      currency: z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code'),
      period: z.enum(['month', 'year']),
      transform: z.union([z.literal('identity'), z.strictObject({ multiplyBy: name })]),
      /** The prediction is held between `min` and the derived column `max` (never below `min`). */
      clamp: z.strictObject({ min: figure, max: name.optional() }).optional(),
    }),
    trainer: z.strictObject({
      library: printableText,
      libraryVersion: printableText,
      options: z.record(printableText, z.union([z.number(), z.boolean(), printableText])),
      seed: z.int(),
      rows: z.int().positive(),
      calibrationRows: z.int().nonnegative(),
      holdoutRows: z.int().nonnegative(),
    }),
    data: z.strictObject({
      source: sentence,
      sha256: sha256Hex,
      licence: sentence,
      /** Drawn from a distribution, asked of households, or records of what they did; absent where nobody said. */
      kind: z.enum(DATA_KINDS).optional(),
      /** The year that the data speaks of. */
      year: z.int().min(DATA_YEARS[0]).max(DATA_YEARS[1]).optional(),
    }),
    /**
     * Scores on the held-out rows, of the amount in the target's unit: of the model, and of simple rules that were fitted
     * on other rows. `brackets` is the best few shares of income by income (or amounts, without `multiplyBy`), clamped.
     */
    metrics: z.strictObject({ model: scores, mean: scores, linear: scores, brackets: scores.optional() }),
    importances: z
      .array(
        z.strictObject({
          feature: name,
          /** How much the hold-out MAE grows, in the target's unit, when this input alone is shuffled. */
          maeIncrease: figure,
          standardDeviation: figure.nonnegative(),
        }),
      )
      .max(64),
    interval: z.strictObject({
      method: z.enum(INTERVAL_METHODS),
      coverage: z.number().gt(0).lt(1),
      measuredCoverage: z.number().min(0).max(1),
      bands: z.array(intervalBand).min(1).max(32),
      /** How it held by tenths of the predicted amount, rising; `below` is the next tenth's least prediction. */
      tenths: z.array(intervalTenth).length(10).optional(),
    }),
    files: z
      .array(
        z.strictObject({
          path: z.enum([FILES.forest, FILES.reference, FILES.golden, FILES.card]),
          bytes: z.int().nonnegative(),
          sha256: sha256Hex,
        }),
      )
      .length(4),
  })
  .check((context) => {
    for (const [path, message] of inconsistencies(context.value)) {
      context.issues.push({ code: 'custom', path, message, input: undefined });
    }
  });

/** What a model is, how it was made and how well it does; the root of trust of an artifact's other files. */
export type Manifest = z.infer<typeof manifestSchema>;
export type Feature = z.infer<typeof featureSchema>;
export type Derived = z.infer<typeof derivedSchema>;
export type Column = z.infer<typeof columnSchema>;

/** The keys in use that savings-model/1 does not have, by their paths. */
function keysOfFormat2({
  data,
  metrics,
  interval,
}: Pick<Manifest, 'data' | 'metrics' | 'interval'>): string[][] {
  const keys: string[][] = [];
  if (data.kind !== undefined) keys.push(['data', 'kind']);
  if (data.year !== undefined) keys.push(['data', 'year']);
  if (metrics.brackets !== undefined) keys.push(['metrics', 'brackets']);
  if (interval.method !== 'split-conformal') keys.push(['interval', 'method']);
  if (interval.tenths !== undefined) keys.push(['interval', 'tenths']);
  return keys;
}

/** The earliest format that has all keys of the manifest: what it is to be written in, for the most programs to read. */
export function formatOf(manifest: Pick<Manifest, 'data' | 'metrics' | 'interval'>): ManifestFormat {
  return keysOfFormat2(manifest).length === 0 ? 'savings-model/1' : 'savings-model/2';
}

/** Every name that is used must be the name of something, and no name may stand for two things. */
function* inconsistencies(m: Manifest): Generator<[path: (string | number)[], message: string]> {
  if (m.format === 'savings-model/1') {
    for (const path of keysOfFormat2(m))
      yield [path, 'is a key of savings-model/2, and the format is savings-model/1'];
  }
  const features = new Map<string, Feature>();
  const columns = new Set<string>();
  for (const [i, feature] of m.features.entries()) {
    if (features.has(feature.name)) yield [['features', i, 'name'], 'is the name of an earlier feature'];
    if (columns.has(feature.column)) yield [['features', i, 'column'], 'is the column of an earlier feature'];
    features.set(feature.name, feature);
    columns.add(feature.column);
  }
  const income = m.features.filter((feature) => feature.role === 'income');
  if (income.length !== 1) yield [['features'], 'must hold exactly one feature with the role income'];
  const positive = (feature: string) => {
    const found = features.get(feature);
    return found !== undefined && found.kind !== 'choice' && found.min >= LEAST;
  };
  const known = new Set(
    m.features.filter((feature) => feature.kind !== 'choice').map((feature) => feature.name),
  );
  const derived = new Set<string>();
  for (const [i, column] of m.derived.entries()) {
    if (features.has(column.name) || derived.has(column.name))
      yield [['derived', i, 'name'], 'stands for two things'];
    const operands = column.op === 'share' ? [column.of, column.by] : [column.of, ...column.minus];
    for (const operand of operands) {
      if (!known.has(operand)) yield [['derived', i], 'refers to no earlier number'];
    }
    if (column.op === 'share' && !positive(column.by))
      yield [['derived', i, 'by'], `must be a feature whose min is at least ${LEAST}`];
    derived.add(column.name);
    known.add(column.name);
  }
  for (const [i, column] of m.encoding.entries()) {
    if ('derived' in column) {
      if (!derived.has(column.derived)) yield [['encoding', i], 'refers to no derived column'];
    } else {
      const feature = features.get(column.feature);
      const fits =
        'choice' in column ? feature?.choices?.includes(column.choice) : feature && feature.kind !== 'choice';
      if (!fits) yield [['encoding', i], 'refers to no feature of that kind'];
    }
  }
  const { transform, clamp } = m.target;
  if (transform !== 'identity' && !positive(transform.multiplyBy))
    yield [['target', 'transform', 'multiplyBy'], `must be a feature whose min is at least ${LEAST}`];
  if (clamp?.max !== undefined && !known.has(clamp.max))
    yield [['target', 'clamp', 'max'], 'refers to no number of the model'];
  for (const [i, importance] of m.importances.entries()) {
    if (!features.has(importance.feature)) yield [['importances', i, 'feature'], 'refers to no feature'];
  }
  if (m.interval.method === 'split-conformal') {
    for (const [i, { quantile }] of m.interval.bands.entries())
      if (quantile < 0) yield [['interval', 'bands', i, 'quantile'], 'must not be below 0'];
  }
  const edges = m.interval.bands.map((band) => band.below);
  const rising = edges.every((edge, i) =>
    i === edges.length - 1 ? edge === null : edge !== null && (i === 0 || edge > (edges[i - 1] ?? 0)),
  );
  if (!rising) yield [['interval', 'bands'], 'must rise and end with below: null'];
  if (new Set(m.files.map((file) => file.path)).size !== m.files.length)
    yield [['files'], 'must name each file once'];
}
