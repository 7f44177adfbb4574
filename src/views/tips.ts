import type { Expense } from '../model/expenses.ts';
import type { Period } from '../model/periods.ts';
import type { Prediction } from '../model/prediction.ts';
import type { Words } from '../model/words.ts';
import type { Format } from './format.ts';
import { GOOD_RATE, type LeftOver } from './status.ts';

/** One thing to know or do, with the household's own figures in it. */
export interface Tip {
  title: string;
  text: string;
}

/** How many periods of expenses a reserve should hold, a quarter of a year: the lower end of what is commonly advised. */
const RESERVE: Record<Period, { periods: number; words: string }> = {
  week: { periods: 13, words: '13 weeks' },
  month: { periods: 3, words: '3 months' },
  year: { periods: 0.25, words: 'a quarter of a year' },
};
/** A reserve that takes longer than ten years is no plan. */
const LONGEST: Record<Period, number> = { week: 520, month: 120, year: 10 };
/** How much of what can fall first may go for a fifth of income; more is no advice. */
const MOST_OFF = 0.5;
/** Expenses that are named one by one. */
const MOST_NAMED = 3;

const IN_A_YEAR: Record<Period, number> = { week: 52, month: 12, year: 1 };

export interface TipsInput {
  prediction: Prediction;
  /** The time that the prediction's amounts are for. */
  period: Period;
  words: Pick<Words, 'target'>;
  left: LeftOver;
  /** Largest first. */
  expenses: readonly Expense[];
  format: Format;
}

/** Follows from arithmetic on this household's figures alone: nothing here is the model's opinion. */
export function tipsFor(input: TipsInput): Tip[] {
  const { left, prediction, period, format } = input;
  const tips = left.status.name === 'overspending' ? overspendingTips(input) : savingTips(input);
  const freed = prediction.totalExpenses / 100;
  const inAYear = period === 'year' ? '' : `, ${format.money(freed * IN_A_YEAR[period])} a year`;
  if (freed >= 1) {
    tips.push({
      title: 'What a cut is worth',
      text: `One percent off all spending is ${format.money(freed)} a ${period}${inAYear}.`,
    });
  }
  return tips;
}

function overspendingTips({ prediction, period, left, expenses, format }: TipsInput): Tip[] {
  const short = left.amount;
  const gap = format.money(short);
  const tips: Tip[] = [
    {
      title: 'What it takes',
      text: `Income and expenses meet when every expense falls by ${someInWords(short / prediction.totalExpenses, format)}, or when ${gap} more comes in a ${period}.`,
    },
  ];
  const { named, sum } = canFall(expenses, format);
  if (named !== '') {
    tips.push({
      title: 'What could fall first',
      text:
        `${named}: ${format.money(sum)} a ${period}. ` +
        (sum >= short
          ? `${format.percent(short / sum)} off that alone would close the gap.`
          : `Without any of it, ${format.money(short - sum)} would still be missing.`),
    });
  }
  const largest = expenses.find(({ discretionary }) => !discretionary);
  if (sum < short && largest && largest.amount >= 1) {
    tips.push({
      title: named === '' ? 'The largest' : 'The largest of the rest',
      text: `${largest.label} is ${format.money(largest.amount)} a ${period}, ${format.percent(largest.amount / prediction.totalExpenses)} of all expenses.`,
    });
  }
  return tips;
}

function savingTips({ prediction, period, words, left, expenses, format }: TipsInput): Tip[] {
  const { amount, income, totalExpenses, remainder } = prediction;
  const tips: Tip[] = [];
  const idle = remainder - amount;
  if (amount >= 1 && idle >= Math.max(1, income * 0.01)) {
    tips.push({
      title: 'Money without a name',
      text:
        `${format.money(remainder)} is left over, and the predicted ${words.target} ${format.money(amount)}. ` +
        `Decide on payday where the other ${format.money(idle)} goes, before it goes by itself.`,
    });
  }
  const { named, sum } = canFall(expenses, format);
  const toFifth = income * GOOD_RATE - remainder;
  if (left.status.name === 'low' && named !== '') {
    tips.push({
      title: 'What could fall first',
      text: `${named}: ${format.money(sum)} a ${period}. Whatever comes off that is left over.`,
    });
  }
  // Said only where it takes nothing that a household needs, and leaves it some of the rest.
  if (left.status.name === 'fair' && toFifth <= sum * MOST_OFF && toFifth >= 1) {
    tips.push({
      title: 'What a fifth of income takes',
      text: `${format.money(toFifth)} more a ${period} than is left over now: ${format.percent(toFifth / sum)} off ${named}, for example.`,
    });
  }
  const { periods: wanted, words: inWords } = RESERVE[period];
  const reserve = totalExpenses * wanted;
  const periodsAt = (pace: number) => Math.ceil(reserve / pace);
  const periods = periodsAt(remainder);
  if (reserve >= 1 && periods <= LONGEST[period]) {
    const predicted = periodsAt(amount);
    tips.push({
      title: 'A reserve for bad times',
      text:
        `Expenses of ${inWords} are ${format.money(reserve)}: there in ${inPeriods(periods, period)} ` +
        'if all that is left over goes into it' +
        (predicted > periods && predicted <= LONGEST[period]
          ? `, and in ${inPeriods(predicted, period)} at the predicted ${words.target}.`
          : '.'),
    });
  }
  return tips;
}

function inPeriods(count: number, period: Period): string {
  return `${count} ${period}${count === 1 ? '' : 's'}`;
}

/** A share that is not nothing, and is never written so. */
export function someInWords(share: number, format: Format): string {
  return share < 0.0005 ? `less than ${format.percent(0.001)}` : format.percent(share);
}

/** The expenses that can fall first, the largest by name, and what these come to. */
export function canFall(expenses: readonly Expense[], format: Format): { named: string; sum: number } {
  const chosen = expenses
    .filter(({ discretionary, amount }) => discretionary && amount >= 1)
    .slice(0, MOST_NAMED);
  return {
    named: format.list(chosen.map(({ label }) => label)),
    sum: chosen.reduce((sum, { amount }) => sum + amount, 0),
  };
}
