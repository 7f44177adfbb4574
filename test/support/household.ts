/** A household that every test may begin from. */
export const HOUSEHOLD = {
  income: 60_000,
  age: 40,
  dependents: 2,
  rent: 12_000,
  loanRepayment: 3_000,
  insurance: 2_000,
  groceries: 7_000,
  transport: 3_500,
  eatingOut: 2_000,
  entertainment: 2_000,
  utilities: 3_500,
  healthcare: 2_400,
  education: 4_000,
  miscellaneous: 1_200,
};

export const HOUSEHOLD_TEXT: Record<string, string> = Object.fromEntries(
  Object.entries(HOUSEHOLD).map(([name, value]) => [name, String(value)]),
);
