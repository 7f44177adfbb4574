import type { Feature } from '../../model/manifest.ts';
import type { Description } from './schema.ts';

/** Beginnings of English words in a header, by what a column of that name most likely is. */
const INCOME = 'income earning salar wage revenue pay(?!ment|back|off)';
const EXPENSE =
  'rent mortgage hous food grocer transport travel fuel petrol car(?!e) util electric gas(?!t) water insur health ' +
  'medic educat school tuition loan debt repay entertain leisure eating dining restaurant cloth alcohol tobacco ' +
  'phone internet subscription tax expen spend spent cost bill fee misc totexp childcare';
const TARGET = 'sav(?:ed|ings?) target outcome surplus';
const PERIODS = { week: 'week', month: 'month', year: 'year annual' } as const;

const beginning = (words: string) => new RegExp(`^(?:${words.split(' ').join('|')})`);
const [income, expense, target] = [INCOME, EXPENSE, TARGET].map(beginning) as [RegExp, RegExp, RegExp];

/** @param words of a column's header */
export function guessRole(words: readonly string[]): Feature['role'] {
  const has = (pattern: RegExp) => words.some((word) => pattern.test(word.toLowerCase()));
  if (has(income) && !has(expense)) return 'income';
  return has(expense) && !has(income) ? 'expense' : 'other';
}

/** Whether a column of this header is likely what is to be predicted. */
export function looksLikeTarget(words: readonly string[]): boolean {
  return words.some((word) => target.test(word.toLowerCase()));
}

/** What amounts are for, where headers say it of something: a column that is called Year alone holds years. */
export function guessPeriod(headers: readonly (readonly string[])[]): Description['period'] | undefined {
  const said = headers.filter((words) => words.length > 1).flat();
  for (const [period, words] of Object.entries(PERIODS)) {
    const pattern = beginning(words);
    if (said.some((word) => pattern.test(word.toLowerCase()))) return period as Description['period'];
  }
  return undefined;
}
