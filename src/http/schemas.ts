import { z } from 'zod';
import { type Manifest, manifestSchema } from '../model/manifest.ts';
import { PERIODS } from '../model/periods.ts';

/** Rows of one JSON request. */
export const MAX_ROWS = 10_000;

/** What to do where a request holds too much, in rows or in bytes. */
export const SEND_LESS = 'send fewer rows at a time, or a CSV to POST /batch, which streams';

const predictRequestOf = <T extends z.ZodType>(inputs: T) =>
  z.strictObject({
    inputs: inputs.describe(
      'One set of inputs, or a list of them. Nothing is filled in: every input must be given.',
    ),
    // Clients of some languages send null for a member that they leave out.
    contributions: z.boolean().nullish().describe('Whether to say why each prediction is what it is.'),
  });

/** The body of `POST /api/v1/predict`, for a schema of one household; in full, for the documentation. */
export const predictRequest = (household: z.ZodType) =>
  predictRequestOf(z.union([household, z.array(household).min(1).max(MAX_ROWS)]));

/** What a request is checked with first; its rows are checked one by one, so that each fault can be named. */
export const predictEnvelope = predictRequestOf(
  z.custom<Row | Row[]>(isRowOrRows, {
    error: ({ input }) =>
      Array.isArray(input) && input.length > MAX_ROWS
        ? `holds more than ${MAX_ROWS} rows; ${SEND_LESS}`
        : `must be an object, or a list of 1 to ${MAX_ROWS} objects`,
  }),
);

export type PredictRequest = z.infer<typeof predictEnvelope>;

/** One household as it was sent, unchecked. */
type Row = Record<string, unknown>;

function isRowOrRows(value: unknown): boolean {
  return Array.isArray(value)
    ? value.length > 0 && value.length <= MAX_ROWS && value.every(isObject)
    : isObject(value);
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const amount = (description: string) => z.number().describe(description);

const explanation = z.strictObject({
  base: amount('The average score of the training rows, in the unit of the target.'),
  parts: z
    .array(z.strictObject({ name: z.string(), label: z.string(), change: z.number() }))
    .describe('What each input or derived column adds, the largest first whatever its sign.'),
  unclamped: amount('base and all parts.'),
  limit: amount('What holding the answer within its bounds adds to that.'),
  amount: amount('unclamped and limit: the answer.'),
});

const prediction = z.strictObject({
  amount: amount("The answer, in the target's unit: the forest's, held within its bounds."),
  rate: amount('The answer as a share of income.').optional(),
  income: z.number().optional(),
  totalExpenses: z.number().optional(),
  remainder: amount('Income less all expenses; below 0 when the household overspends.').optional(),
  interval: z
    .strictObject({
      low: z.number(),
      high: z.number(),
      coverage: z
        .number()
        .describe(
          'The share of rows, drawn as the training data was, whose amount it is made to hold between low and high.',
        ),
    })
    .describe('Where the amount of such a row lies, at the coverage that it states.'),
  warnings: z
    .array(
      z.strictObject({
        feature: z.string().describe('The name of an input, or of a derived column that the forest sees.'),
        side: z.enum(['below', 'above']),
        trained: z
          .number()
          .describe(
            'The end of the trained range that was passed, in the unit of the input or the derived column.',
          ),
      }),
    )
    .describe(
      'What of the inputs lies beyond what the model was trained on; the answer is then less certain. How little an expense is, is none of it.',
    ),
  contributions: explanation
    .nullable()
    .optional()
    .describe('Why the prediction is what it is, when that was asked for; null when the model cannot say.'),
});

export const predictResponse = z.strictObject({
  model: z.strictObject({ name: z.string(), version: z.string(), sha256: z.string() }),
  currency: z.string().optional().describe('ISO 4217 code of all amounts.'),
  period: z.enum(PERIODS).optional().describe('What an amount is for.'),
  predictions: z.array(prediction).describe('One a row, in the order of the request.'),
});

/** The same for one model: what its answers always have, and nothing of what they never have. */
export function predictResponseOf({ currency, period }: Manifest['target'], hasBudget: boolean): z.ZodType {
  const { model, currency: ofAll, period: ofEach } = predictResponse.shape;
  const budget = { rate: true, income: true, totalExpenses: true, remainder: true } as const;
  const one = hasBudget ? prediction.required(budget) : prediction.omit(budget);
  return z.strictObject({
    model,
    ...(currency === undefined ? {} : { currency: z.literal(currency).describe(ofAll.description!) }),
    ...(period === undefined ? {} : { period: z.literal(period).describe(ofEach.description!) }),
    predictions: z.array(one).describe(predictResponse.shape.predictions.description!),
  });
}

const { encoding: _, files: __, format: ___, ...facts } = manifestSchema.shape;

/** The manifest without its encoding and files, which only the server itself needs. */
export const modelFacts = z.strictObject({
  ...facts,
  sha256: z.string().describe('sha256 of its manifest, which holds that of every other file.'),
});

export type PredictResponse = z.infer<typeof predictResponse>;
export type ModelFacts = z.infer<typeof modelFacts>;

/** RFC 9457 problem details. */
export const problemDetails = z.strictObject({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.int().min(400).max(599),
  detail: z.string().describe('What could not be done, and what to do. It never repeats an input.'),
  errors: z
    .array(
      z.strictObject({
        row: z.int().nonnegative().optional().describe('Which row of a list, from 0.'),
        field: z.string().describe('The name of the input, or "other" for what is no input.'),
        reason: z.enum(['missing', 'type', 'integer', 'below_min', 'above_max', 'choice', 'unknown']),
        message: z.string().describe('What was expected.'),
      }),
    )
    .max(20)
    .optional()
    .describe('The inputs that were refused; the first 20.'),
});

export const livez = z.strictObject({ status: z.literal('up') });

export const readyz = z.strictObject({
  status: z.enum(['ready', 'loading', 'stopping']),
  model: z
    .strictObject({
      name: z.string(),
      version: z.string(),
      sha256: z.string(),
      loadedAt: z.iso.datetime(),
    })
    .optional(),
  stale: z.string().optional().describe('Why what is live may not be the newest.'),
  failure: z.string().optional().describe('Why the newest could not be loaded.'),
});
