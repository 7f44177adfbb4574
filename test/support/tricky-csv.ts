import fc from 'fast-check';

/** Choices of which some cannot be passed on as they are. */
export const OCCUPATIONS = ['Self-Employed', 'Élevé ₹', '-5', '=A1'];
export const TIERS = ['Tier 1', 'Tier_2', 'Tier_3'];

/** Columns of the savings model's inputs and of others, each with what usually stands there. */
const COLUMNS = [
  ['Income', '41234.56'],
  ['Age', '34'],
  ['Dependents', '2'],
  ['Occupation', 'Self-Employed'],
  ['City_Tier', 'Tier_2'],
  ['Rent', '10000'],
  ['Loan_Repayment', '0'],
  ['Insurance', '850.5'],
  ['Groceries', '5000.25'],
  ['Transport', '2100'],
  ['Eating_Out', '1300'],
  ['Entertainment', '1200.01'],
  ['Utilities', '2200'],
  ['Healthcare', '900'],
  ['Education', '.5'],
  ['Miscellaneous', '500'],
  ['Saved', '1500.25'],
  ['Weight', '1.5'],
  ['Note', 'plain'],
  ['Date', '2026-11-27'],
] as const;

const number = fc.oneof(
  fc.double({ min: 0, max: 90_000, noNaN: true }).map(String),
  fc.double({ min: 0, max: 90_000, noNaN: true }).map((value) => value.toFixed(2)),
  fc.constantFrom(
    ...['', ' ', '0', '-0', '-5', '+7', '1e3', '5.', '.5', '.', '1,000', '"1,000"', '"12"', ' 12 '],
    ...['\t9', '1e400'],
    ...['0x10', 'NaN', 'x', '₹5', '１２', '\u00a012', '12\u2003', '0.30000000000000004'],
    ...['12345678901234567890', '-'],
  ),
);
const choice = fc.constantFrom(
  ...[...OCCUPATIONS, ...TIERS, ...OCCUPATIONS.map((text) => ` ${text} `), '"Self-Employed"', '"Tier_2"'],
  ...['', 'tier_2', '\u00a0Tier_2', "'=A1", '"=A1"', 'Élevé'],
);
const note = fc.constantFrom(
  ...['', 'a', '=1+1', '+1', '-1', '-1.5.2', '-', '@x', '-1;=2', 'x;=1', '1;2', '48.2,-16.3'],
  ...['"48.2,-16.3"', '-1 '],
  ...['a-b', '2026-11-27', ' =1', '\u00a0=1', '＝1', 'x＝1', '＋1', '\ufeff=1', '日本', '😀', 'x\t=1'],
  ...['x|=1', '"x', 'x"'],
  ...['"two\nlines"', '"two\r\n""lines""', '"\'=1"', '"a,b"', '""', '"a"b', 'a\rb', '\r'],
  ...[`"${'é\n'.repeat(33_000)}"`],
  ...['x'.repeat(66_000), '日'.repeat(22_000), '\u2028=1', '\u0000', '\u000b-1', '-１'],
);
const cell = (column: string) =>
  column === 'Note' || column === 'Date'
    ? note
    : column === 'Occupation' || column === 'City_Tier'
      ? choice
      : number;
const odd = fc
  .constantFrom(...COLUMNS.keys())
  .chain((at) => cell(COLUMNS[at]![0]).map((text) => ({ at, text })));
const row = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.array(odd, { maxLength: 3 }).map((cells) => {
      const texts: string[] = COLUMNS.map(([, usual]) => usual);
      for (const { at, text } of cells) texts[at] = text;
      return texts.join(',');
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('', '""', 'oops', ',', ','.repeat(19), ','.repeat(20), '\u00a0'),
  },
);
const header = COLUMNS.map(([column]) => column).join(',');
/** CSVs of households with every trick: odd cells and rows, line ends, quotes, beginnings and ends. */
export const trickyCsv = fc
  .record({
    start: fc.constantFrom('', '', '', '\uFEFF', '\n\r\n', '\uFEFF""\n', '\uFEFF\uFEFF'),
    header: fc.constantFrom(
      header,
      header,
      header,
      header.replace('Note', '"No""te\n"'),
      ` ${header} `,
      'a,b',
      '',
    ),
    rows: fc.array(fc.tuple(row, fc.constantFrom('\n', '\n', '\n', '\r\n')), { maxLength: 20 }),
    last: fc.option(row, { nil: '' }),
    tail: fc.constantFrom('', '', '\n', '\r', '\r\n', '"'),
  })
  .map(({ start, header: first, rows, last, tail }) =>
    new TextEncoder().encode(`${start}${first}\n${rows.map((pair) => pair.join('')).join('')}${last}${tail}`),
  );
