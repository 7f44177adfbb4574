import type { Accuracy } from '../../dataset/accuracy.ts';
import type { Estimate } from '../../dataset/bootstrap.ts';
import { counted } from '../../model/counted.ts';
import { decimalsFor, fixed } from '../../model/fixed.ts';
import type { Model } from '../../model/model.ts';
import { BASELINE_NAMES, BASELINES, type Evaluation } from '../evaluation.ts';
import { judgementText } from '../judgement-text.ts';
import { table } from '../table.ts';

/** An evaluation as text for a person. */
export function formatEvaluation(evaluation: Evaluation, model: Model, other: Model | undefined): string {
  const { rows, effectiveRows, against, baselines } = evaluation;
  const { unit } = model.manifest.target;
  const decimals = Math.max(1, decimalsFor(evaluation.accuracy.mae.value));
  const write = amounts(decimals);
  const line = (name: string, { mae, rmse, bias, r2 }: Accuracy) => [
    name,
    write(mae),
    write(rmse),
    write(bias),
    amounts(3)(r2),
  ];
  const named = BASELINES.flatMap((name) => {
    const opponent = baselines[name];
    return opponent === undefined ? [] : [{ name: BASELINE_NAMES[name], ...opponent }];
  });
  const others = against === null ? named : [{ name: other!.version, ...against }, ...named];
  const as =
    effectiveRows < 0.995 * rows ? `, which weigh as ${effectiveRows.toFixed(0)} of equal weight` : '';
  const parts = [
    `${model.version} on ${counted(rows, 'row')}${as}; in brackets what is 95 % likely, in ${unit}\n`,
    table([
      ['', 'MAE', 'RMSE', 'BIAS', 'R2'],
      line(model.version, evaluation.accuracy),
      ...others.map(({ name, accuracy }) => line(name, accuracy)),
    ]),
    [
      intervalText(model.version, evaluation.accuracy, write),
      ...(against === null ? [] : [intervalText(other!.version, against.accuracy, write)]),
    ].join(''),
    bandsTable(evaluation, write),
    others.map(({ name, judgement }) => judgementText(model.version, name, judgement, unit)).join(''),
    `Verdict: ${evaluation.verdict}${named.length === 0 && against === null ? ', of fewer than 100 rows' : ''}\n`,
  ];
  return parts.join('\n');
}

type Write = (estimate: Estimate) => string;

const amounts =
  (decimals: number): Write =>
  ({ value, low, high }) =>
    `${fixed(value, decimals)} (${fixed(low, decimals)} to ${fixed(high, decimals)})`;

const share: Write = ({ value, low, high }) =>
  `${fixed(100 * value, 1)} % (${fixed(100 * low, 1)} to ${fixed(100 * high, 1)})`;

function intervalText(name: string, { coverage, width }: Accuracy, write: Write): string {
  if (coverage === undefined || width === undefined) return '';
  return `The interval of ${name} held for ${share(coverage)}, and is ${write(width)} wide on average\n`;
}

function bandsTable({ bands, bandsOf, against }: Evaluation, write: Write): string {
  if (bands.length < 2) return '';
  const rows = bands.map(({ below, rows: count, accuracy, maeDifference }) => {
    const band = [below === null ? 'above' : `below ${fixed(below, decimalsFor(below))}`, String(count)];
    const { mae, bias, coverage } = accuracy;
    const held = coverage ? share(coverage) : '';
    return [...band, write(mae), write(bias), held, ...(maeDifference ? [write(maeDifference)] : [])];
  });
  const heads = [bandsOf.toUpperCase(), 'ROWS', 'MAE', 'BIAS', 'INTERVAL HELD'];
  return table([[...heads, ...(against === null ? [] : ["MAE LESS THE OTHER'S"])], ...rows]);
}
