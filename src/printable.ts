/**
 * What can end a line, steer a terminal, turn the direction of what follows or hide: control and format characters, line
 * and paragraph separators, lone surrogates, private use. Joiners stay, since Hindi, Persian and emoji are written with
 * them. Code points without a meaning yet stay too: what the newest Unicode names must be readable to an older program.
 */
const UNPRINTABLE = /[[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]--[\u200c\u200d]]/gv;

/** Whether a text can be shown as it is, on one line. */
export function isPrintable(text: string): boolean {
  return text.search(UNPRINTABLE) < 0;
}

/** The text with a `?` for each character that must not reach a terminal. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, '?');
}

/** The same for text of several lines. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}
