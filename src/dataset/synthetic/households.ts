import { exp } from './portable-math.ts';
import { Random } from './random.ts';

/** One row of the sample data. Keys are the CSV's headers, in its order; amounts are rupees a month. */
export interface SyntheticHousehold {
  Income: number;
  Age: number;
  Dependents: number;
  Occupation: string;
  City_Tier: string;
  Rent: number;
  Loan_Repayment: number;
  Insurance: number;
  Groceries: number;
  Transport: number;
  Eating_Out: number;
  Entertainment: number;
  Utilities: number;
  Healthcare: number;
  Education: number;
  Miscellaneous: number;
  Desired_Savings_Percentage: number;
  Desired_Savings: number;
  Disposable_Income: number;
  Potential_Savings_Groceries: number;
  Potential_Savings_Transport: number;
  Potential_Savings_Eating_Out: number;
  Potential_Savings_Entertainment: number;
  Potential_Savings_Utilities: number;
  Potential_Savings_Healthcare: number;
  Potential_Savings_Education: number;
  Potential_Savings_Miscellaneous: number;
}

export const SYNTHETIC_SOURCE =
  "Synthetic rows drawn from the documented law of the public set 'Indian Personal Finance and Spending Habits'; no people are behind them.";
export const SYNTHETIC_LICENCE = 'MIT';

const OCCUPATIONS = ['Professional', 'Retired', 'Self_Employed', 'Student'];
const RENT_SHARES = { Tier_1: 0.3, Tier_2: 0.2, Tier_3: 0.15 };

/**
 * Draws households, independent of each other, from the distribution that made the public set 'Indian Personal Finance
 * and Spending Habits'. That set is itself synthetic: this is a documented distribution, not a survey of people. In it
 * savings do not depend on age, occupation or city but through the rent; a model of it says nothing about real
 * households' habits.
 *
 * - income: 30,000 exp(0.8 z), z standard normal, not clipped
 * - rent: 30, 20 or 15 % of income by city tier (p .3, .5, .2); each other expense a uniform share of income;
 *   a loan with p .4; education only with dependents
 * - desired savings: U(5,10), U(10,15) or U(15,25) % of income, for incomes below 40,000, below 100,000 and above,
 *   held between 0 and the disposable income
 */
export function* generateRows(
  rows: number,
  seed: number,
  stream = 0,
): Generator<SyntheticHousehold, void, void> {
  const random = new Random(seed, stream);
  for (let row = 0; row < rows; row++) yield household(random);
}

function household(random: Random): SyntheticHousehold {
  const income = 30_000 * exp(0.8 * random.normal());
  const age = random.integer(18, 64);
  const dependents = random.integer(0, 4);
  const occupation = OCCUPATIONS[random.integer(0, OCCUPATIONS.length - 1)];
  const city = cityTier(random.uniform());
  const share = (low: number, high: number) => income * random.between(low, high);

  const rent = income * RENT_SHARES[city];
  const loanRepayment = random.uniform() < 0.4 ? share(0.05, 0.2) : 0;
  const insurance = share(0.02, 0.05);
  const groceries = share(0.1, 0.15);
  const transport = share(0.05, 0.08);
  const eatingOut = share(0.02, 0.05);
  const entertainment = share(0.02, 0.05);
  const utilities = share(0.04, 0.08);
  const healthcare = share(0.03, 0.05);
  const education = dependents > 0 ? share(0.05, 0.1) : 0;
  const miscellaneous = share(0.01, 0.03);

  const expenses =
    rent +
    loanRepayment +
    insurance +
    groceries +
    transport +
    eatingOut +
    entertainment +
    utilities +
    healthcare +
    education +
    miscellaneous;
  const disposable = income - expenses;
  const percentage = desiredPercentage(income, random);
  const desired = Math.max(0, Math.min((income * percentage) / 100, disposable));
  const potential = (expense: number, low: number, high: number) =>
    cents(expense * random.between(low, high));

  // Rounded last, as the public set is: the desired savings come from the unrounded amounts.
  return {
    Income: cents(income),
    Age: age,
    Dependents: dependents,
    Occupation: occupation,
    City_Tier: city,
    Rent: cents(rent),
    Loan_Repayment: cents(loanRepayment),
    Insurance: cents(insurance),
    Groceries: cents(groceries),
    Transport: cents(transport),
    Eating_Out: cents(eatingOut),
    Entertainment: cents(entertainment),
    Utilities: cents(utilities),
    Healthcare: cents(healthcare),
    Education: cents(education),
    Miscellaneous: cents(miscellaneous),
    Desired_Savings_Percentage: cents(percentage),
    Desired_Savings: cents(desired),
    Disposable_Income: cents(disposable),
    Potential_Savings_Groceries: potential(groceries, 0.05, 0.3),
    Potential_Savings_Transport: potential(transport, 0.05, 0.3),
    Potential_Savings_Eating_Out: potential(eatingOut, 0.05, 0.3),
    Potential_Savings_Entertainment: potential(entertainment, 0.05, 0.3),
    Potential_Savings_Utilities: potential(utilities, 0.05, 0.3),
    Potential_Savings_Healthcare: potential(healthcare, 0, 0.05),
    Potential_Savings_Education: potential(education, 0, 0.05),
    Potential_Savings_Miscellaneous: potential(miscellaneous, 0.05, 0.3),
  };
}

function cityTier(u: number): keyof typeof RENT_SHARES {
  if (u < 0.3) return 'Tier_1';
  return u < 0.8 ? 'Tier_2' : 'Tier_3';
}

function desiredPercentage(income: number, random: Random): number {
  if (income < 40_000) return random.between(5, 10);
  return income < 100_000 ? random.between(10, 15) : random.between(15, 25);
}

/** Rounded to two decimals, without a -0. */
const cents = (amount: number) => Math.round(amount * 100) / 100 + 0;
