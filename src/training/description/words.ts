const MOST_NAME = 40;
const MOST_LABEL = 80;

/** The words of a column's header: at its blanks, dashes, underscores and capitals. */
export function wordsOf(column: string): string[] {
  return column
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

/** A header as people write it: `Loan_Repayment` as `Loan repayment`. */
export function labelOf(column: string): string {
  const [first = column, ...others] = wordsOf(column);
  const rest = others.map((word) => (word === word.toUpperCase() ? word : word.toLowerCase()));
  return [first.charAt(0).toUpperCase() + first.slice(1), ...rest].join(' ').slice(0, MOST_LABEL);
}

/**
 * A header as a name in camelCase, in letters that the API takes.
 *
 * @param taken names that are given already; the new one is added
 */
export function nameOf(column: string, taken: Set<string>): string {
  const words = wordsOf(column.normalize('NFD').replace(/\p{M}/gu, ''))
    .map((word) => word.replace(/[^A-Za-z0-9]/g, '').toLowerCase())
    .filter((word) => word !== '');
  const joined = words
    .map((word, i) => (i === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)))
    .join('');
  const plain = (/^[a-z]/.test(joined) ? joined : `column${joined}`).slice(0, MOST_NAME - 3);
  let name = plain;
  for (let n = 2; taken.has(name) || name in Object.prototype; n++) name = `${plain}${n}`;
  taken.add(name);
  return name;
}
