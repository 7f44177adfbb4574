import type { Manifest } from './manifest.ts';
import type { Period } from './periods.ts';

/** The words in which pages and documents speak of one model. All of them follow from its manifest. */
export interface Words {
  /** Where something is left over of an income after expenses; undefined where a model lacks one of the two. */
  budget: { period: Period } | undefined;
  /** What is predicted, by its label: Savings. */
  label: string;
  /** The same within a sentence: savings. */
  target: string;
  /** What is predicted, as a name: Predicted savings. */
  predicted: string;
  /** What stands behind a predicted figure: "a month", the unit of what is no money, or nothing. */
  unit: string;
  /** What a set of figures belongs to, one and many: a household where it has money of its own, else a case. */
  one: 'household' | 'case';
  many: 'households' | 'cases';
}

type Described = Pick<Manifest, 'features' | 'target'>;

export function wordsOf({ features, target }: Described): Words {
  const { currency, period, label, unit } = target;
  const roles = new Set(features.map(({ role }) => role));
  const isHousehold = roles.has('income') || roles.has('expense');
  const name = withinSentence(label);
  return {
    budget: roles.has('income') && roles.has('expense') && period !== undefined ? { period } : undefined,
    label,
    target: name,
    predicted: `Predicted ${name}`,
    unit: currency === undefined ? unit : period === undefined ? '' : `a ${period}`,
    ...(isHousehold ? { one: 'household', many: 'households' } : { one: 'case', many: 'cases' }),
  };
}

/** A label as a sentence goes on with it; an abbreviation, such as GDP, stays as it is. */
export function withinSentence(label: string): string {
  return /^\p{Lu}(?![\p{Lu}\d])/u.test(label) ? label[0]!.toLowerCase() + label.slice(1) : label;
}
