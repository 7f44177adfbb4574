/** How files begin that are chosen for a CSV by mistake (Office Open XML and other ZIPs, old Excel, gzip). */
const SIGNATURES: readonly (readonly [bytes: readonly number[], what: string])[] = [
  [[0x50, 0x4b, 0x03, 0x04], "it is a workbook or an archive; save the sheet as 'CSV UTF-8'"],
  [[0xd0, 0xcf, 0x11, 0xe0], "it is a workbook; save the sheet as 'CSV UTF-8'"],
  [[0x1f, 0x8b], 'it is compressed; unpack it'],
];

const UTF16_MARKS = [
  [0xff, 0xfe],
  [0xfe, 0xff],
];

const SEPARATORS = { ';': 'semicolons', '\t': 'tabs', '|': 'vertical bars (|)' } as const;

const HOW_TO_SEPARATE =
  "save it with commas between columns and points in decimals (LibreOffice asks for the 'Field delimiter'; Excel " +
  "takes both from the system's region settings)";

/**
 * What a file is that is no text in UTF-8, and what to do, for the end of a message.
 *
 * @param opening the file's first bytes
 * @returns undefined when it cannot be told
 */
export function otherEncoding(opening: Uint8Array): string | undefined {
  const signature = SIGNATURES.find(([bytes]) => startsWith(opening, bytes));
  if (signature !== undefined) return signature[1];
  return isUtf16(opening)
    ? "it is in UTF-16; save it in UTF-8 with commas ('CSV UTF-8' in Excel, not 'Unicode Text')"
    : undefined;
}

/**
 * What a file is that could not be read as our CSV, and how to save it, for the end of a message. Only files that
 * were refused are looked at, so a good one is never taken for something else.
 *
 * @param opening the file's first bytes
 * @param wanted the columns that its header should have
 * @returns undefined when it is a CSV as far as can be seen
 */
export function otherFormat(opening: Uint8Array, wanted: readonly string[]): string | undefined {
  const encoding = otherEncoding(opening);
  if (encoding !== undefined) return encoding;
  const text = new TextDecoder().decode(opening).trimStart();
  const [line = ''] = text.split(/[\r\n]/, 1);
  const foundBy = (separator: string) =>
    columnsOf(line, separator).filter((name) => wanted.includes(name)).length;
  const foundByComma = foundBy(',');
  const separators = Object.keys(SEPARATORS) as (keyof typeof SEPARATORS)[];
  const [best] = separators.toSorted((a, b) => foundBy(b) - foundBy(a));
  if (foundBy(best!) > foundByComma) {
    return `its columns are separated by ${SEPARATORS[best!]}; ${HOW_TO_SEPARATE}`;
  }
  // A first line with a column of ours is the header, whatever else is wrong with it.
  if (foundByComma > 0) return undefined;
  const hint = /^"?sep=(.?)/i.exec(line);
  if (hint !== null) {
    const more = hint[1] === ',' ? '' : `, and ${HOW_TO_SEPARATE}`;
    return `its first line is a 'sep=' for Excel; remove that line${more}`;
  }
  if (line.startsWith('#')) return 'its first line is a comment; remove the lines above the header';
  const only = separators.find((separator) => !line.includes(',') && line.includes(separator));
  return only && `its columns are separated by ${SEPARATORS[only]}; ${HOW_TO_SEPARATE}`;
}

/** Good enough to recognise names: no name of ours holds a separator. */
const columnsOf = (line: string, separator: string) =>
  line.split(separator).map((cell) => cell.replace(/^\s*"(.*)"\s*$/, '$1').trim());

const startsWith = (bytes: Uint8Array, start: readonly number[]) =>
  start.every((byte, i) => bytes[i] === byte);

/** UTF-16 has a byte order mark; without one every other byte, and no more, is 0 wherever the text is plain letters. */
function isUtf16(bytes: Uint8Array): boolean {
  if (UTF16_MARKS.some((mark) => startsWith(bytes, mark))) return true;
  const zeros = [0, 0];
  for (const [i, byte] of bytes.entries()) if (byte === 0) zeros[i % 2]++;
  return Math.abs(zeros[0] - zeros[1]) > bytes.length / 4;
}
