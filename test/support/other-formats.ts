const COLUMNS =
  'Income,Age,Dependents,Rent,Loan_Repayment,Insurance,Groceries,Transport,Eating_Out,Entertainment,Utilities,Healthcare,Education,Miscellaneous,Desired_Savings';
const ROW = '60000,40,2,12000,3000,2000,7000,3500,2000,2000,3500,2400,4000,1200,6000';
const table = (separator: string) => `${COLUMNS}\n${ROW}\n`.replaceAll(',', separator);

/** A table of households as people have it, but not as a CSV of ours, and what must be said of it. */
export const OTHER_FORMATS: readonly (readonly [name: string, bytes: Buffer<ArrayBuffer>, said: string])[] = [
  ['semicolons', Buffer.from(table(';')), 'its columns are separated by semicolons; save it with commas'],
  [
    'quoted, with semicolons',
    Buffer.from(table('";"').replace(/^(.*)$/gm, '"$1"')),
    'its columns are separated by semicolons',
  ],
  ['tabs', Buffer.from(table('\t')), 'its columns are separated by tabs; save it with commas'],
  ['bars', Buffer.from(table('|')), 'its columns are separated by vertical bars (|); save it with commas'],
  ['sep=,', Buffer.from(`sep=,\n${table(',')}`), "its first line is a 'sep=' for Excel; remove that line."],
  [
    'sep=;',
    Buffer.from(`sep=;\r\n${table(';')}`),
    "its first line is a 'sep=' for Excel; remove that line, and save it with commas",
  ],
  [
    'a comment',
    Buffer.from(`# made by hand\n${table(',')}`),
    'its first line is a comment; remove the lines',
  ],
  ['UTF-16 with a mark', Buffer.from(`\uFEFF${table('\t')}`, 'utf16le'), 'it is in UTF-16; save it in UTF-8'],
  ['UTF-16 without a mark', Buffer.from(table(','), 'utf16le'), 'it is in UTF-16; save it in UTF-8'],
  [
    'big-endian UTF-16',
    Buffer.from(`\uFEFF${table(',')}`, 'utf16le').swap16(),
    'it is in UTF-16; save it in UTF-8',
  ],
  [
    'a workbook',
    Buffer.from('PK\x03\x04\x14\0\x06\0\x08\0'),
    "it is a workbook or an archive; save the sheet as 'CSV",
  ],
];
