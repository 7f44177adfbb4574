import type { Manifest } from '../model/manifest.ts';
import type { Prediction, Warning } from '../model/prediction.ts';
import type { Format } from './format.ts';

/** Names that one line can hold. */
const MOST_NAMED = 3;

/** Something that lies beyond what the model has seen, in the page's words and rounding. */
export interface Unseen {
  /** The input that it is about, if there is one that it is about alone. */
  feature: string | undefined;
  label: string;
  /** Where the known ends: "above about 30% of income". */
  beyond: string;
  /** Whether that is an amount in the model's period. */
  comesAgain: boolean;
}

/** Says each warning of a prediction in words, in the same order. */
export function unseenOf(
  { features, derived }: Pick<Manifest, 'features' | 'derived'>,
  { warnings }: Pick<Prediction, 'warnings'>,
  format: Format,
): Unseen[] {
  const inputs = new Map(features.map((feature) => [feature.name, feature]));
  const columns = new Map(derived.map((column) => [column.name, column]));
  /** Whether it is an amount of money, or made of such alone. */
  const isAmount = (name: string): boolean => {
    const column = columns.get(name);
    if (column === undefined) return inputs.get(name)?.role !== 'other';
    if (column.op === 'share' || column.op === 'ratio') return false;
    return [column.of, 'minus' in column ? column.minus : []].flat().every(isAmount);
  };
  const amount = ({ side, trained }: Warning, plain: boolean) =>
    plain ? `${side} ${format.number(trained)}` : `${side} about ${format.about(trained, side)}`;
  return warnings.map((warning) => {
    const input = inputs.get(warning.feature);
    if (input !== undefined)
      return {
        feature: input.name,
        label: input.label,
        beyond: amount(warning, input.role === 'other'),
        comesAgain: input.role !== 'other',
      };
    const column = columns.get(warning.feature)!;
    const { label } = column;
    if (column.op === 'ratio')
      return { feature: undefined, label, beyond: amount(warning, true), comesAgain: false };
    if (column.op !== 'share') {
      const isMoney = isAmount(column.name);
      return { feature: undefined, label, beyond: amount(warning, !isMoney), comesAgain: isMoney };
    }
    const by = inputs.get(column.by);
    const whole = by === undefined || by.role === 'income' ? 'income' : by.label;
    return {
      feature: inputs.has(column.of) ? column.of : undefined,
      label,
      beyond: `${warning.side} about ${format.share(warning.trained)} of ${whole}`,
      comesAgain: false,
    };
  });
}

/** All of it in one line: "Rent, above about 30% of income; Age, above 64". */
export function unseenInWords(unseen: readonly Unseen[]): string {
  const named = unseen.slice(0, MOST_NAMED).map(({ label, beyond }) => `${label}, ${beyond}`);
  const rest = unseen.length - named.length;
  return (rest > 0 ? [...named, `and ${rest} more`] : named).join('; ');
}
