import { describe, expect, test } from 'bun:test';
import { guessPeriod, guessRole, looksLikeTarget } from '../../../src/training/description/guess.ts';
import { labelOf, nameOf, wordsOf } from '../../../src/training/description/words.ts';

describe('the name and label of a column', () => {
  test.each([
    ['Loan_Repayment', 'loanRepayment', 'Loan repayment'],
    ['totalExpenses', 'totalExpenses', 'Total expenses'],
    ['  Net income (GBP) ', 'netIncomeGbp', 'Net income GBP'],
    ['2nd job', 'column2ndJob', '2nd job'],
    ['Größe', 'groe', 'Größe'],
    ['月収', 'column', '月収'],
    ['constructor', 'constructor2', 'Constructor'],
    ['__proto__', 'proto', 'Proto'],
  ])('of %j are %s and %j', (column, name, label) => {
    expect([nameOf(column, new Set()), labelOf(column)]).toEqual([name, label]);
  });

  test('no two columns have one name', () => {
    const taken = new Set<string>();
    expect(['a b', 'a_b', 'aB'].map((column) => nameOf(column, taken))).toEqual(['aB', 'aB2', 'aB3']);
    expect(nameOf('x'.repeat(200), taken).length).toBeLessThanOrEqual(40);
  });
});

describe('what a header lets guess', () => {
  test.each([
    ['Income', 'income'],
    ['monthly_salary', 'income'],
    ['net wages', 'income'],
    ['Rent', 'expense'],
    ['Loan_Repayment', 'expense'],
    ['totexp', 'expense'],
    ['Eating_Out', 'expense'],
    ['Age', 'other'],
    ['Children', 'other'],
    ['mileage', 'other'],
    ['income tax', 'other'],
  ])('%s: %s', (column, role) => {
    expect(guessRole(wordsOf(column))).toBe(role as 'income');
  });

  test('a target and a period', () => {
    expect(
      ['Desired_Savings', 'saved', 'Rent', 'safety'].map((column) => looksLikeTarget(wordsOf(column))),
    ).toEqual([true, true, false, false]);
    expect(guessPeriod([['Weekly', 'income'], ['Age']])).toBe('week');
    expect(guessPeriod([['Annual', 'income']])).toBe('year');
    expect(guessPeriod([['Age'], ['Year']])).toBeUndefined();
  });
});
