import type { Example } from '../model/manifest.ts';

/**
 * Households to start from, in rupees a month. They are made up, as plausible as the sample's own rows: every expense is a
 * share of income that those have too, so that the model knows their kind.
 */
export const EXAMPLES: Example[] = [
  {
    label: 'Single, renting',
    inputs: {
      income: 35_000,
      age: 27,
      dependents: 0,
      rent: 10_500,
      loanRepayment: 0,
      insurance: 900,
      groceries: 4_200,
      transport: 2_200,
      eatingOut: 1_600,
      entertainment: 1_400,
      utilities: 1_800,
      healthcare: 1_100,
      education: 0,
      miscellaneous: 900,
    },
  },
  {
    label: 'Family with a loan',
    inputs: {
      income: 75_000,
      age: 38,
      dependents: 2,
      rent: 15_000,
      loanRepayment: 12_000,
      insurance: 2_600,
      groceries: 9_500,
      transport: 4_500,
      eatingOut: 2_200,
      entertainment: 1_900,
      utilities: 4_200,
      healthcare: 2_800,
      education: 6_000,
      miscellaneous: 1_400,
    },
  },
  {
    label: 'Low income, little left',
    inputs: {
      income: 15_000,
      age: 33,
      dependents: 2,
      rent: 4_500,
      loanRepayment: 1_800,
      insurance: 350,
      groceries: 2_200,
      transport: 1_100,
      eatingOut: 350,
      entertainment: 320,
      utilities: 1_150,
      healthcare: 700,
      education: 1_200,
      miscellaneous: 400,
    },
  },
  {
    label: 'Well off',
    inputs: {
      income: 250_000,
      age: 45,
      dependents: 1,
      rent: 37_500,
      loanRepayment: 20_000,
      insurance: 8_000,
      groceries: 27_000,
      transport: 14_000,
      eatingOut: 9_000,
      entertainment: 9_000,
      utilities: 12_000,
      healthcare: 8_000,
      education: 15_000,
      miscellaneous: 5_000,
    },
  },
];
