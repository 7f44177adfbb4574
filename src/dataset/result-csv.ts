import type { Inputs } from '../model/features.ts';
import { fixed } from '../model/fixed.ts';
import type { KeptHousehold } from '../model/household-result.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Prediction } from '../model/prediction.ts';
import { csvCell } from './csv-cell.ts';

/** Without it a spreadsheet may take a rupee sign for three letters of its own. */
const BYTE_ORDER_MARK = '\uFEFF';

/**
 * One household's answer for a spreadsheet: a figure a row, from what goes in to what comes out, and a household a column,
 * the present one first and then those that were kept.
 *
 * @param at when it was answered
 */
export function resultCsv(
  { features, target, version }: Manifest,
  present: { inputs: Inputs; prediction: Prediction },
  kept: readonly KeptHousehold[],
  at: Date,
): string {
  const households = [present, ...kept];
  const { coverage } = present.prediction.interval;
  const amounts = (label: string, figure: (prediction: Prediction) => number) => [
    label,
    target.unit,
    ...households.map(({ prediction }) => fixed(figure(prediction), 2)),
  ];
  const same = (label: string, value: string) => [label, '', ...households.map(() => value)];
  const rows = [
    ['Figure', 'Unit', 'Now', ...kept.map(({ name }) => name)],
    ...features.map(({ name, label, unit }) => [
      label,
      unit ?? '',
      ...households.map(({ inputs }) => String(inputs[name])),
    ]),
    amounts('All expenses', ({ totalExpenses }) => totalExpenses),
    amounts('Left over', ({ remainder }) => remainder),
    amounts('Predicted savings', ({ amount }) => amount),
    amounts('Predicted savings, low end of the range', ({ interval }) => interval.low),
    amounts('Predicted savings, high end of the range', ({ interval }) => interval.high),
    same('Share of households in its data that the range is made to hold for', String(coverage)),
    same('Predicted by model', version),
    ...(kept.length > 0 ? [['Kept when this model answered', '', '', ...kept.map(keptWith)]] : []),
    same('Date (UTC)', at.toISOString().slice(0, 10)),
  ];
  return BYTE_ORDER_MARK + rows.map((cells) => `${cells.map(csvCell).join(',')}\n`).join('');
}

const keptWith = (household: KeptHousehold) => household.keptWith ?? '';
