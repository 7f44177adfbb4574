import type { Prediction } from '../model/prediction.ts';
import type { Format } from './format.ts';
import { GOOD_RATE, LOW_RATE, type Status } from './status.ts';

/** One thing to know or do, with the household's own figures in it. */
export interface Tip {
  title: string;
  text: string;
}

/** How many months of expenses a reserve should hold: the lower end of what is commonly advised. */
const RESERVE_MONTHS = 3;
/** A reserve that takes longer than this is no plan. */
const LONGEST_MONTHS = 600;

const MONTHS = { month: 1, year: 12 };

export interface TipsInput {
  prediction: Prediction;
  /** The time that the prediction's amounts are for. */
  period: 'month' | 'year';
  status: Status;
  largest: { label: string; amount: number } | undefined;
  format: Format;
}

/** Follows from arithmetic on this household's figures alone: nothing here is the model's opinion. */
export function tipsFor(input: TipsInput): Tip[] {
  return input.status.name === 'overspending' ? overspendingTips(input) : savingTips(input);
}

function overspendingTips({ prediction, period, largest, format }: TipsInput): Tip[] {
  const { income, totalExpenses, remainder } = prediction;
  const tips: Tip[] = [
    {
      title: 'Balance first',
      text:
        `Expenses are ${format.money(-remainder)} above income.` +
        (-remainder <= totalExpenses
          ? ` Every expense lower by ${format.percent(-remainder / totalExpenses)} would balance it.`
          : ''),
    },
  ];
  if (largest && largest.amount > 0) {
    tips.push({
      title: 'Begin with the largest',
      text: `${largest.label} alone takes ${format.percent(largest.amount / income)} of income: a small share off it does more than giving up a small expense.`,
    });
  }
  tips.push(worthOfCuts(totalExpenses, period, format));
  return tips;
}

function savingTips({ prediction, period, status, format }: TipsInput): Tip[] {
  const { amount, income, totalExpenses, remainder } = prediction;
  const tips: Tip[] = [];
  const idle = remainder - amount;
  if (idle >= income * 0.01) {
    tips.push({
      title: 'Money without a name',
      text:
        `${format.money(remainder)} is left over, and ${format.money(amount)} of it is predicted to be saved. ` +
        `Decide on payday where the other ${format.money(idle)} goes, before it goes by itself.`,
    });
  }
  if (status.name !== 'healthy') {
    const next = status.name === 'low' ? LOW_RATE : GOOD_RATE;
    const wanted = income * next;
    tips.push({
      title: `The next step: ${format.share(next)}`,
      text:
        `That is ${format.money(wanted)} a ${period}, ${format.money(wanted - amount)} more than predicted. ` +
        (remainder >= wanted
          ? 'What is left over covers it without any cut.'
          : `It takes ${format.money(wanted - remainder)} less spending.`),
    });
  }
  const reserve = (totalExpenses / MONTHS[period]) * RESERVE_MONTHS;
  const months = Math.ceil(reserve / (amount / MONTHS[period]));
  if (reserve > 0 && months <= LONGEST_MONTHS) {
    tips.push({
      title: 'A reserve for bad months',
      text: `${RESERVE_MONTHS} months of expenses are ${format.money(reserve)}: at this pace, there in ${months} ${months === 1 ? 'month' : 'months'}.`,
    });
  }
  if (totalExpenses > 0) tips.push(worthOfCuts(totalExpenses, period, format));
  return tips;
}

function worthOfCuts(totalExpenses: number, period: 'month' | 'year', format: Format): Tip {
  const freed = totalExpenses / 100 / MONTHS[period];
  return {
    title: 'What a cut is worth',
    text: `One percent off all spending is ${format.money(freed)} a month, ${format.money(freed * 12)} a year.`,
  };
}
