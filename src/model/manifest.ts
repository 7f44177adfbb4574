import { z } from 'zod';
import { TRAIN_METHODS } from '../forest/train/train-method.ts';
import { isPrintable } from '../printable.ts';
import { LEAST_DIVISOR } from './derived-columns.ts';
import { inconsistencies } from './manifest-consistency.ts';
import { PERIODS } from './periods.ts';

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

/** What of a column was seen in training: beyond it the forest can only repeat its outermost output. */
const range = z.strictObject({ min: figure, max: figure });

export const featureSchema = z
  .strictObject({
    name,
    /** Header of this feature's column in a CSV. */
    column: label,
    label,
    /** At most one is the income. */
    role: z.enum(['income', 'expense', 'other']),
    kind: z.enum(['number', 'integer', 'choice']),
    unit: label.optional(),
    /** The part of the form it stands in. */
    group: label,
    /** Accepted range, both ends included; for a choice, 0 and the last choice's index. */
    min: figure,
    max: figure,
    step: figure.min(LEAST_DIVISOR),
    default: z.union([figure, printableText]),
    choices: z.array(label).min(2).max(64).optional(),
    help: sentence,
    /** Whether this expense can fall before others do; see `expensesOf` for manifests that say it of none. */
    discretionary: z.boolean().optional(),
    trained: range,
  })
  .refine((f) => f.min <= f.max, 'min must not be above max')
  .refine(
    (f) => f.discretionary === undefined || f.role === 'expense',
    'only an expense can be discretionary or not',
  )
  .refine(
    (f) => (f.kind === 'choice') === (f.choices !== undefined),
    'a choice, and only a choice, has choices',
  )
  .refine(
    (f) =>
      f.kind === 'choice' ? (f.choices?.includes(String(f.default)) ?? false) : typeof f.default === 'number',
    'default must be of the kind the feature has',
  );

/** A column computed from the inputs by the same code in training and in serving; without `trained`, nobody measured it. */
const derivedColumn = { name, label, trained: range.optional() };
const derivedSchema = z.discriminatedUnion('op', [
  /** `of / by`; `by` is a feature that must be above 0, by at least 1e-9. */
  z.strictObject({ ...derivedColumn, op: z.literal('share'), of: name, by: name }),
  /** `of` less every one of `minus`. */
  z.strictObject({
    ...derivedColumn,
    op: z.literal('remainder'),
    of: name,
    minus: z.array(name).min(1).max(64),
  }),
  /** All of `of` together. */
  z.strictObject({ ...derivedColumn, op: z.literal('sum'), of: z.array(name).min(2).max(64) }),
  /** `of` less `minus`. */
  z.strictObject({ ...derivedColumn, op: z.literal('difference'), of: name, minus: name }),
  /** `of / by`, such as persons a room; 0 where `by` is nearer to 0 than 1e-9. `by` may be any number. */
  z.strictObject({ ...derivedColumn, op: z.literal('ratio'), of: name, by: name }),
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

/**
 * A rule of thumb of somebody outside, with the name of where it stands: how much of income goes, at most or at least, to
 * these expenses together or to what is left over of all. It judges nobody; the model has no part in it.
 */
const ruleSchema = z.strictObject({
  label,
  of: z.union([
    z.strictObject({ expenses: z.array(name).min(1).max(64) }),
    z.strictObject({ leftOver: z.literal(true) }),
  ]),
  direction: z.enum(['at most', 'at least']),
  /** Share of income. */
  limit: z.number().gt(0).max(1),
  source: z.strictObject({
    name: label,
    year: z.int().min(DATA_YEARS[0]).max(DATA_YEARS[1]),
    /** Where it was made for. */
    country: z.string().regex(/^[A-Z]{2}$/, 'must be an ISO 3166 code of two letters'),
  }),
  /** Where the household's share and the source's are not of quite the same. */
  note: sentence.optional(),
});

/** A household that a person can start from: a value for every feature, in the feature's unit. */
const exampleSchema = z.strictObject({
  label,
  inputs: z.record(name, z.union([figure, printableText])),
});

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
    /** In the order in which they are shown. */
    rules: z.array(ruleSchema).max(16).optional(),
    /** In the order in which they are offered. */
    examples: z.array(exampleSchema).min(1).max(8).optional(),
    target: z.strictObject({
      name,
      /** Header of the target's column in a training CSV, or what stands for one that is computed. */
      column: label,
      /** In a training CSV the target is the column `of` less all of `minus`, by their headers. */
      computed: z.strictObject({ of: label, minus: z.array(label).min(1).max(64) }).optional(),
      label,
      unit: label,
      /** Of all amounts. Absent where the target is no money: then no feature is an income or expense. */
      currency: z
        .string()
        .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code')
        .optional(),
      /** What amounts are for. Absent where the target does not come again and again. */
      period: z.enum(PERIODS).optional(),
      transform: z.union([z.literal('identity'), z.strictObject({ multiplyBy: name })]),
      /** The prediction is held between `min` and the derived column `max` (never below `min`). */
      clamp: z.strictObject({ min: figure, max: name.optional() }).optional(),
    }),
    trainer: z.strictObject({
      library: printableText,
      libraryVersion: printableText,
      options: z.record(printableText, z.union([z.number(), z.boolean(), printableText])),
      seed: z.int(),
      /** How splits were found, and whether the number of rows chose that or whoever trained; absent of a forest from elsewhere. */
      method: z
        .strictObject({ name: z.enum(TRAIN_METHODS), chosenBy: z.enum(['rows', 'option']) })
        .optional(),
      /** Absent of a forest from elsewhere, when nobody counted. */
      rows: z.int().positive().optional(),
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
export type Rule = z.infer<typeof ruleSchema>;
export type Example = z.infer<typeof exampleSchema>;
