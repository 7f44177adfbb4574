import type { Inputs } from '../model/features.ts';
import { decimalsOf, fixed } from '../model/fixed.ts';
import type { KeptHousehold } from '../model/household-result.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Prediction } from '../model/prediction.ts';
import { wordsOf } from '../model/words.ts';
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
  manifest: Manifest,
  present: { inputs: Inputs; prediction: Prediction },
  kept: readonly KeptHousehold[],
  at: Date,
): string {
  const { features, target, version } = manifest;
  const { budget, predicted, many } = wordsOf(manifest);
  const households = [present, ...kept];
  const decimals = decimalsOf(manifest);
  const { coverage } = present.prediction.interval;
  const amounts = (label: string, figure: (prediction: Prediction) => number) => [
    label,
    target.unit,
    ...households.map(({ prediction }) => fixed(figure(prediction), decimals)),
  ];
  const same = (label: string, value: string) => [label, '', ...households.map(() => value)];
  const rows = [
    ['Figure', 'Unit', 'Now', ...kept.map(({ name }) => name)],
    ...features.map(({ name, label, unit }) => [
      label,
      unit ?? '',
      ...households.map(({ inputs }) => String(inputs[name])),
    ]),
    ...(budget
      ? [
          amounts('All expenses', ({ totalExpenses }) => totalExpenses),
          amounts('Left over', ({ remainder }) => remainder),
        ]
      : []),
    amounts(predicted, ({ amount }) => amount),
    amounts(`${predicted}, low end of the range`, ({ interval }) => interval.low),
    amounts(`${predicted}, high end of the range`, ({ interval }) => interval.high),
    same(`Share of ${many} in its data that the range is made to hold for`, String(coverage)),
    same('Predicted by model', version),
    ...(kept.length > 0 ? [['Kept when this model answered', '', '', ...kept.map(keptWith)]] : []),
    same('Date (UTC)', at.toISOString().slice(0, 10)),
  ];
  return BYTE_ORDER_MARK + rows.map((cells) => `${cells.map(csvCell).join(',')}\n`).join('');
}

const keptWith = (household: KeptHousehold) => household.keptWith ?? '';
