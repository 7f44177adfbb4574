import { z } from 'zod';
import { featureSchema, manifestSchema } from '../../model/manifest.ts';
import { PERIODS } from '../../model/periods.ts';

const feature = featureSchema.shape;
const { name, derived, encoding, rules, examples, target, data, interval } = manifestSchema.shape;
const { column } = feature;
const [share, remainder, sum, difference, ratio] = derived.element.options;
/** As in a manifest, but for what was seen in training. */
const derivedDescription = z.discriminatedUnion('op', [
  share.omit({ trained: true }),
  remainder.omit({ trained: true }),
  sum.omit({ trained: true }),
  difference.omit({ trained: true }),
  ratio.omit({ trained: true }),
]);

/** As many as a list for a person to choose from may have. */
export const MOST_CHOICES = 50;

const currencies = new Set(Intl.supportedValuesOf('currency'));

const featureDescription = z.strictObject({
  name: feature.name.describe('What the API calls it, in camelCase.'),
  column: column.optional().describe("Its column's header in the CSV; its name where left out."),
  label: feature.label.optional().describe('What the form calls it; made of the column where left out.'),
  role: feature.role.optional().describe('What it is of the household: other where left out.'),
  kind: feature.kind.describe('choice: one of a few texts.'),
  unit: feature.unit.describe('The currency and period where it is left out of an income or expense.'),
  group: feature.group.optional().describe('The part of the form it stands in.'),
  min: feature.min.optional().describe('The least that is accepted; taken from the data where left out.'),
  max: feature.max.optional().describe('The most that is accepted; taken from the data where left out.'),
  step: feature.step.optional().describe("The form's step; taken from the data where left out."),
  default: feature.default
    .optional()
    .describe('Where the form starts; the median, or the most frequent choice, where left out.'),
  choices: z
    .array(column)
    .min(2, 'must hold two choices at least')
    .max(MOST_CHOICES)
    .optional()
    .describe('Of a choice alone: what it may be; all that the data holds where left out.'),
  others: column
    .optional()
    .describe(
      'Of a choice alone: one of the choices, as which every other text of the column counts. Where choices are left out, and the data is of people, texts of fewer than ten rows count as Other.',
    ),
  help: feature.help.optional().describe('A sentence beside the field.'),
  discretionary: feature.discretionary.describe(
    'Of an expense alone: whether it can fall before others do. Those that can are named first where it is said of any.',
  ),
});

/**
 * A description file: what a person decides of a model. What can be taken from the data may be left out. Reused from the
 * manifest wherever the two say the same.
 */
export const descriptionSchema = z.strictObject({
  $schema: z.string().max(400).optional().describe('Where the schema of this file is, for editors.'),
  decide: z
    .array(z.string().max(100))
    .max(100)
    .optional()
    .describe('Keys that a person has still to decide. Nothing is trained while any is in it.'),
  name: name.describe('What the model is called, in lower case with dashes.'),
  currency: z
    .string()
    .refine((code) => currencies.has(code), 'must be the code of a currency, such as EUR (ISO 4217)')
    .optional()
    .describe('ISO 4217 code of all amounts, such as EUR; left out where what is predicted is no money.'),
  period: z
    .enum(PERIODS)
    .optional()
    .describe('What all amounts are for; left out where what is predicted does not come again and again.'),
  features: z.array(featureDescription).min(1).max(64).describe('What a person fills in, in that order.'),
  derived: z
    .array(derivedDescription)
    .max(128)
    .optional()
    .describe(
      'Columns computed from features and from each other. share: of / by, a feature above 0. remainder: of less all of minus. sum, difference; ratio: of / by, 0 where by is 0.',
    ),
  encoding: z
    .array(z.union([feature.name, encoding.element], 'must be the name of a feature or derived column'))
    .min(1)
    .max(256)
    .optional()
    .describe(
      'Names of what the forest sees, in that order; a choice stands for one column for each of its choices. All features and derived columns where left out.',
    ),
  rules: rules.describe('Rules of thumb with their sources, shown beside the own shares of income.'),
  examples: examples.describe('Figures to start from: a label, and a value for each feature.'),
  target: z
    .strictObject({
      name: target.shape.name.optional(),
      column: column.optional().describe("The target's column in the CSV."),
      computed: target.shape.computed.describe(
        'Instead of a column: one column of the CSV less others, by their headers.',
      ),
      label: target.shape.label.describe('What is predicted, in words.'),
      unit: target.shape.unit
        .optional()
        .describe('The currency and period where left out; needed where there is no currency.'),
      transform: target.shape.transform
        .optional()
        .describe('multiplyBy: the forest predicts a share of that feature.'),
      clamp: target.shape.clamp.describe(
        'Bounds of every prediction: min, and max, the name of a feature or derived column.',
      ),
    })
    .describe('What is to be predicted.'),
  interval: z
    .strictObject({ method: interval.shape.method.optional(), coverage: interval.shape.coverage.optional() })
    .optional()
    .describe('How the range beside a prediction is found, and how often it is to hold (0.9).'),
  data: z
    .strictObject({
      kind: data.shape.kind,
      source: data.shape.source.optional(),
      licence: data.shape.licence.optional(),
      year: data.shape.year,
    })
    .optional()
    .describe('What the rows are, for the model card and the page.'),
  weight: column.optional().describe("The column of each row's weight, such as of a survey."),
});

export type Description = z.infer<typeof descriptionSchema>;
export type FeatureDescription = Description['features'][number];

/** The JSON Schema of description files, by which editors complete them. */
export function descriptionJsonSchema(): object {
  const { $schema, ...rest } = z.toJSONSchema(descriptionSchema, { io: 'input' });
  return { $schema, title: 'Description of a model for savings train', ...rest };
}
