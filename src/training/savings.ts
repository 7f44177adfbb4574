import type { Feature } from '../model/manifest.ts';
import { EXAMPLES } from './households.ts';
import type { ModelDescription } from './model-description.ts';
import { RULES } from './rules.ts';

const MAX_AMOUNT = 10_000_000;

type Untrained = Omit<Feature, 'trained'>;

const income: Untrained = {
  name: 'income',
  column: 'Income',
  label: 'Income',
  role: 'income',
  kind: 'number',
  unit: '₹/month',
  group: 'Personal',
  // Shares of income are computed from it, so it cannot be 0.
  min: 1,
  max: MAX_AMOUNT,
  step: 1,
  default: 50_000,
  help: 'What comes in after tax, from all sources.',
};

const age: Untrained = {
  name: 'age',
  column: 'Age',
  label: 'Age',
  role: 'other',
  kind: 'integer',
  unit: 'years',
  group: 'Personal',
  min: 18,
  max: 100,
  step: 1,
  default: 35,
  help: 'Age of the main earner.',
};

const dependents: Untrained = {
  name: 'dependents',
  column: 'Dependents',
  label: 'Dependents',
  role: 'other',
  kind: 'integer',
  unit: 'persons',
  group: 'Personal',
  min: 0,
  max: 15,
  step: 1,
  default: 2,
  help: 'Children and others who live on this income.',
};

const expenses: readonly Untrained[] = [
  expense('rent', 'Rent', 'Rent', 'Housing and utilities', 10_000, 'Rent for your home; 0 if you own it.'),
  expense(
    'loanRepayment',
    'Loan_Repayment',
    'Loan repayments',
    'Debt and insurance',
    0,
    'Instalments on all loans together, a home loan included.',
  ),
  expense(
    'insurance',
    'Insurance',
    'Insurance',
    'Debt and insurance',
    1_750,
    'Premiums for life, health, vehicle and home.',
  ),
  expense('groceries', 'Groceries', 'Groceries', 'Daily', 6_250, 'Food and household goods for use at home.'),
  expense('transport', 'Transport', 'Transport', 'Daily', 3_250, 'Fuel, fares, parking and repairs.'),
  expense(
    'eatingOut',
    'Eating_Out',
    'Eating out',
    'Lifestyle',
    1_750,
    'Restaurants, cafés and food ordered in.',
    true,
  ),
  expense(
    'entertainment',
    'Entertainment',
    'Entertainment',
    'Lifestyle',
    1_750,
    'Subscriptions, outings, hobbies and games.',
    true,
  ),
  expense(
    'utilities',
    'Utilities',
    'Utilities',
    'Housing and utilities',
    3_000,
    'Electricity, water, gas, phone and internet.',
  ),
  expense(
    'healthcare',
    'Healthcare',
    'Healthcare',
    'Health and education',
    2_000,
    'Doctors, medicine and tests that insurance does not pay.',
  ),
  expense(
    'education',
    'Education',
    'Education',
    'Health and education',
    3_750,
    'School and course fees, books and tuition; 0 if there are none.',
  ),
  expense(
    'miscellaneous',
    'Miscellaneous',
    'Everything else',
    'Lifestyle',
    1_000,
    'Clothes, gifts, repairs and whatever fits nowhere else.',
  ),
];

function expense(
  name: string,
  column: string,
  label: string,
  group: string,
  usual: number,
  help: string,
  discretionary = false,
): Untrained {
  return {
    name,
    column,
    label,
    role: 'expense',
    kind: 'number',
    unit: '₹/month',
    group,
    min: 0,
    max: MAX_AMOUNT,
    step: 1,
    default: usual,
    help,
    discretionary,
  };
}

const shareOf = (name: string) => `${name}Share`;

/**
 * The savings model: what a household could put aside each month, from its income and its expenses.
 *
 * The forest predicts the savings rate (savings / income) and sees the expenses as shares of income, so it holds
 * beyond the incomes it was trained on; what is left over is a column of its own, since nobody saves more than that.
 */
export const SAVINGS: ModelDescription = {
  name: 'savings',
  features: [income, age, dependents, ...expenses],
  derived: [
    ...expenses.map(({ name, label }) => ({
      name: shareOf(name),
      // What it is a share of, the page says where it counts.
      label,
      op: 'share' as const,
      of: name,
      by: income.name,
    })),
    {
      name: 'remainder',
      label: 'What is left over',
      op: 'remainder',
      of: income.name,
      minus: expenses.map(({ name }) => name),
    },
    {
      name: shareOf('remainder'),
      label: 'What is left over',
      op: 'share',
      of: 'remainder',
      by: income.name,
    },
  ],
  encoding: [
    { feature: income.name },
    { feature: age.name },
    { feature: dependents.name },
    ...expenses.map(({ name }) => ({ derived: shareOf(name) })),
    { derived: shareOf('remainder') },
  ],
  rules: RULES,
  examples: EXAMPLES,
  target: {
    name: 'desiredSavings',
    column: 'Desired_Savings',
    label: 'Monthly savings',
    unit: '₹/month',
    currency: 'INR',
    period: 'month',
    transform: { multiplyBy: income.name },
    clamp: { min: 0, max: 'remainder' },
  },
};
