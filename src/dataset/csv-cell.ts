import { NUMBER_TEXT } from '../model/features.ts';

/** What makes a spreadsheet take a cell for a formula; some skip white space first, or know the wide forms. */
const FORMULA = /^\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/;
const NEEDS_QUOTES = /[",\r\n]/;

/**
 * Text as a CSV cell, quoted where it must be. A text that a spreadsheet would run as a formula gets an apostrophe in
 * front (OWASP, "CSV Injection"); numbers are left as they are.
 */
export function csvCell(text: string): string {
  const safe = FORMULA.test(text) && !NUMBER_TEXT.test(text) ? `'${text}` : text;
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
