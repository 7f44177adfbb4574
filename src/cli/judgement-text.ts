import type { Judgement } from '../dataset/non-inferiority.ts';
import { decimalsFor, fixed } from '../model/fixed.ts';

const OUTCOME = {
  better: 'is better than',
  'not worse': 'is not worse than',
  worse: 'is worse than',
  'cannot tell': 'may be worse than',
} as const;

/** What was found between two models, or a model and a rule, with its figures; a line. */
export function judgementText(
  name: string,
  other: string,
  { verdict, maeDifference, margin, rowsNeeded }: Judgement,
  unit: string,
): string {
  const { value, low, high } = maeDifference;
  const decimals = Math.max(1, decimalsFor(Math.max(margin, high - low)));
  const write = (amount: number) => fixed(amount, decimals);
  const allowed = margin === 0 ? 'with no margin' : `with a margin of ${write(margin)}`;
  const figures = `its mean absolute error is ${write(Math.abs(value))} ${unit} ${value < 0 ? 'lower' : 'higher'} (95 %: ${write(low)} to ${write(high)}), ${allowed}`;
  return `${name} ${OUTCOME[verdict]} ${other}: ${figures}${neededText(rowsNeeded)}\n`;
}

function neededText(rowsNeeded: number | null | undefined): string {
  if (rowsNeeded === undefined) return '';
  return rowsNeeded === null
    ? '; no number of rows would tell'
    : `; about ${rowsNeeded.toLocaleString('en')} such rows would tell`;
}
