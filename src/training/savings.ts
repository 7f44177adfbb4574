import { completed } from './description/complete.ts';
import savings from './description/savings.model.json' with { type: 'json' };
import { type DescriptionFile, refusalOf } from './description/read-description.ts';
import { descriptionSchema } from './description/schema.ts';
import type { ModelDescription } from './model-description.ts';

/**
 * The savings model: what a household could put aside each month, from its income and its expenses. Its description is
 * a file as anybody's, but for one thing: it leaves nothing to the data.
 *
 * The forest predicts the savings rate (savings / income) and sees the expenses as shares of income, so it holds
 * beyond the incomes it was trained on; what is left over is a column of its own, since nobody saves more than that.
 *
 * Its rules of thumb are each from the United States, and say so: none was found that holds for Indian incomes. So there
 * is none for food, whose share of what the poorest spend is far above what rules of richer countries say. Its examples
 * are made up, as plausible as the sample's own rows: every expense is a share of income that those have too.
 */
export const SAVINGS_FILE: DescriptionFile = {
  description: descriptionSchema.parse(savings),
  refusal: (faults) => refusalOf('the CSV for the savings model', faults),
  isBuiltIn: true,
};

export const SAVINGS: ModelDescription = completed(SAVINGS_FILE.description).model;
