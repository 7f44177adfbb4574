import type { BandDifference, Difference, Verdict } from '../../dataset/model-difference.ts';
import type { Scores } from '../../dataset/scores.ts';
import { fixed } from '../../model/fixed.ts';
import type { Manifest } from '../../model/manifest.ts';
import { table } from '../table.ts';

interface Identity {
  version: string;
  manifestSha256: string;
}

interface OnlyIn {
  onlyA: string[];
  onlyB: string[];
}

/** What `savings diff` found; its `--json`. */
export interface Diff {
  a: Identity;
  b: Identity;
  same: boolean;
  /** Each on its own hold-out. */
  metrics: { a: Scores; b: Scores };
  sameTrainingData: boolean;
  features: OnlyIn & { changed: { name: string; differing: string[] }[] };
  columns: OnlyIn;
  golden: { refused: number; overall: Difference | null };
  data: {
    refused: number;
    overall: Difference | null;
    bands: BandDifference[];
    verdict: Verdict | null;
  } | null;
}

/** The differences as text for a person. */
export function formatDiff(diff: Diff, { target }: Manifest): string {
  const { a, b, golden, data } = diff;
  const parts = [
    `A  ${a.version}  ${a.manifestSha256.slice(0, 12)}\nB  ${b.version}  ${b.manifestSha256.slice(0, 12)}\n`,
  ];
  if (diff.same) parts.push('They are one and the same.\n');
  const note = diff.sameTrainingData ? '' : '; their data differ, so these do not compare';
  parts.push(scoresTable(`SCORES IN THE MANIFESTS${note}`, diff.metrics));
  parts.push(inputsText(diff));
  parts.push(`Golden rows of both: ${differenceText(golden.overall, golden.refused, target.unit)}`);
  if (data !== null) {
    parts.push(`Given rows: ${differenceText(data.overall, data.refused, target.unit)}`);
    if (data.bands.length > 1) parts.push(bandsTable(data.bands));
    parts.push(data.verdict === null ? '' : verdictText(data.verdict, diff, target.unit));
  }
  return parts.filter((part) => part !== '').join('\n');
}

function scoresTable(head: string, { a, b }: { a: Scores; b: Scores }): string {
  const row = (name: string, { mae, rmse, r2 }: Scores) => [
    name,
    fixed(mae, 1),
    fixed(rmse, 1),
    fixed(r2, 4),
  ];
  return `${head}\n${table([['', 'MAE', 'RMSE', 'R2'], row('A', a), row('B', b)])}`;
}

function inputsText({ features, columns }: Diff): string {
  const lines = [
    ...features.onlyA.map((name) => `only A has the input ${name}`),
    ...features.onlyB.map((name) => `only B has the input ${name}`),
    ...changedLines(features.changed),
    ...columns.onlyA.map((name) => `only A's forest has the column ${name}`),
    ...columns.onlyB.map((name) => `only B's forest has the column ${name}`),
  ];
  return lines.length === 0 ? 'The same inputs and columns.\n' : `${lines.join('\n')}\n`;
}

/** One line for all inputs that differ in the same ways. */
function changedLines(changed: Diff['features']['changed']): string[] {
  const byWays = Map.groupBy(changed, ({ differing }) => differing.join(', '));
  return [...byWays].map(
    ([ways, inputs]) => `differing in ${ways}: ${inputs.map(({ name }) => name).join(', ')}`,
  );
}

function differenceText(difference: Difference | null, refused: number, unit: string): string {
  const left = refused === 0 ? '' : `; ${refused} left out, which not both accept`;
  if (difference === null) return `none to compare${left}\n`;
  const { rows, differing, mean, meanAbsolute, percentile95, largest, meanShareOfIncome } = difference;
  return `${rows}${left}
  predictions differ on ${differing}
  by ${fixed(meanAbsolute, 1)} ${unit} on average (${fixed(100 * meanShareOfIncome, 2)} % of income), on 95 of 100 by at most ${fixed(percentile95, 1)}, at most by ${fixed(largest, 1)}
  B predicts ${fixed(Math.abs(mean), 1)} ${mean < 0 ? 'less' : 'more'} than A on average
`;
}

function bandsTable(bands: readonly BandDifference[]): string {
  const rows = bands.map(({ below, rows: count, meanAbsolute, meanShareOfIncome, mean }) => [
    below === null ? 'above' : `below ${below}`,
    String(count),
    fixed(meanAbsolute, 1),
    `${fixed(100 * meanShareOfIncome, 2)} %`,
    fixed(mean, 1),
  ]);
  return table([['INCOME', 'ROWS', 'APART', 'OF INCOME', 'B LESS A'], ...rows]);
}

function verdictText(verdict: Verdict, { a, b }: Diff, unit: string): string {
  const { maeDifference, low, high, better } = verdict;
  const range = `B's mean absolute error is ${fixed(Math.abs(maeDifference), 1)} ${unit} ${maeDifference < 0 ? 'lower' : 'higher'} (95 %: ${fixed(low, 1)} to ${fixed(high, 1)})`;
  const said =
    better === 'unclear'
      ? 'Neither is clearly nearer to the outcomes'
      : `${(better === 'a' ? a : b).version} is nearer to the outcomes`;
  return `${scoresTable('SCORES ON THE GIVEN OUTCOMES', verdict)}${said}: ${range}\n`;
}
