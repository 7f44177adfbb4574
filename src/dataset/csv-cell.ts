import { NUMBER_TEXT } from '../model/features.ts';

/**
 * Where a spreadsheet may end a cell and begin the next, within a cell of ours too: that of a country with decimal
 * commas splits at semicolons, and takes a quote within its cell for text and a line break for the end of its row.
 */
const SEPARATORS = /([;,\t|\r\n])/;

/** What makes a spreadsheet take a cell for a formula. Some skip spaces or quotes first, or know the wide forms. */
const FORMULA = /^[\s"]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/;

/** The same behind any separator. No two of its parts take the same text, so its time is linear. */
const ANY_FORMULA = /(?:^|[;,\t|\r\n])(?:[^\S\t\r\n]|")*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/;

const NEEDS_QUOTES = /[",\r\n]/;

/** A cell without any of these passes as it is; nearly all do. */
const SPECIAL = /[=+\-@\uFF1D\uFF0B\uFF0D\uFF20",\r\n]/;

/**
 * Text as a CSV cell, quoted where it must be. What a spreadsheet would run as a formula gets an apostrophe in front
 * (OWASP, "CSV Injection"), at the cell's beginning and after every separator in it: `x;=1+1` becomes `x;'=1+1`.
 * A number is left as it is, and so are several, such as `48.2,-16.3`; a signed number among other text is not, since
 * a formula can go on after a separator.
 */
export function csvCell(text: string): string {
  if (!SPECIAL.test(text)) return text;
  const safe = ANY_FORMULA.test(text) && !isNumbers(text) ? withoutFormulas(text) : text;
  return quotedCell(safe);
}

/** Text as a CSV cell and nothing else, for programs: quoted where it must be. */
export function quotedCell(text: string): string {
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A record of a CSV. */
export const csvLine = (fields: readonly string[]) => `${fields.map(csvCell).join(',')}\n`;

function isNumbers(text: string): boolean {
  if (NUMBER_TEXT.test(text)) return true;
  return text.split(SEPARATORS).every((part, i) => {
    const isSeparator = i % 2 === 1;
    return isSeparator || part.trim() === '' || NUMBER_TEXT.test(part.trim());
  });
}

const withoutFormulas = (text: string) =>
  text
    .split(SEPARATORS)
    .map((part) => (FORMULA.test(part) ? `'${part}` : part))
    .join('');
