import { LEAST_DIVISOR, operandsOf } from './derived-columns.ts';
import { InputSchema } from './features.ts';
import type { Feature, Manifest, Rule } from './manifest.ts';
import { keysOfFormat2, type Path, valuesOfFormat2 } from './manifest-format.ts';

/** Every name that is used must be the name of something, and no name may stand for two things. */
export function* inconsistencies(m: Manifest): Generator<Inconsistency> {
  if (m.format === 'savings-model/1') {
    for (const path of keysOfFormat2(m))
      yield [path, 'is a key of savings-model/2, and the format is savings-model/1'];
    for (const path of valuesOfFormat2(m))
      yield [path, 'is as savings-model/2 alone has it, and the format is savings-model/1'];
  }
  yield* inconsistenciesOfInputs(m);
  const features = new Set(m.features.map((feature) => feature.name));
  for (const [i, importance] of m.importances.entries()) {
    if (!features.has(importance.feature)) yield [['importances', i, 'feature'], 'refers to no feature'];
  }
  if (m.interval.method === 'split-conformal') {
    for (const [i, { quantile }] of m.interval.bands.entries())
      if (quantile < 0) yield [['interval', 'bands', i, 'quantile'], 'must not be below 0'];
  }
  const edges = m.interval.bands.map((band) => band.below);
  const rising = edges.every((edge, i) =>
    i === edges.length - 1 ? edge === null : edge !== null && (i === 0 || edge > (edges[i - 1] ?? 0)),
  );
  if (!rising) yield [['interval', 'bands'], 'must rise and end with below: null'];
  if (new Set(m.files.map((file) => file.path)).size !== m.files.length)
    yield [['files'], 'must name each file once'];
}

type Inconsistency = [path: Path, message: string];
/** What of a manifest is settled before there are rows. */
export type Settled = Pick<Manifest, 'features' | 'derived' | 'encoding' | 'rules' | 'examples' | 'target'>;

/** The same of what is settled before there are rows: what goes in, and what is to come out. */
export function* inconsistenciesOfInputs(m: Settled): Generator<Inconsistency> {
  const features = new Map<string, Feature>();
  const columns = new Set<string>();
  for (const [i, feature] of m.features.entries()) {
    if (features.has(feature.name)) yield [['features', i, 'name'], 'is the name of an earlier feature'];
    if (columns.has(feature.column)) yield [['features', i, 'column'], 'is the column of an earlier feature'];
    features.set(feature.name, feature);
    columns.add(feature.column);
  }
  const income = m.features.filter((feature) => feature.role === 'income');
  if (income.length > 1) yield [['features'], 'must not hold more than one feature with the role income'];
  const { currency, period } = m.target;
  if (m.features.some(({ role }) => role !== 'other')) {
    const needed = 'is needed where a feature is an income or expense';
    if (currency === undefined) yield [['target', 'currency'], needed];
    if (period === undefined) yield [['target', 'period'], needed];
  } else if (currency === undefined && period !== undefined) {
    yield [['target', 'period'], 'belongs to amounts of money: it needs a currency'];
  }
  if (income.some(({ kind }) => kind === 'choice')) yield [['features'], 'must not have a choice as income'];
  const positive = (feature: string) => {
    const found = features.get(feature);
    return found !== undefined && found.kind !== 'choice' && found.min >= LEAST_DIVISOR;
  };
  const known = new Set(
    m.features.filter((feature) => feature.kind !== 'choice').map((feature) => feature.name),
  );
  const derived = new Set<string>();
  for (const [i, column] of m.derived.entries()) {
    if (features.has(column.name) || derived.has(column.name))
      yield [['derived', i, 'name'], 'stands for two things'];
    for (const operand of operandsOf(column)) {
      if (!known.has(operand)) yield [['derived', i], 'refers to no earlier number'];
    }
    if (column.op === 'share' && !positive(column.by))
      yield [['derived', i, 'by'], `must be a feature whose min is at least ${LEAST_DIVISOR}`];
    derived.add(column.name);
    known.add(column.name);
  }
  for (const [i, column] of m.encoding.entries()) {
    if ('derived' in column) {
      if (!derived.has(column.derived)) yield [['encoding', i], 'refers to no derived column'];
    } else {
      const feature = features.get(column.feature);
      const fits =
        'choice' in column ? feature?.choices?.includes(column.choice) : feature && feature.kind !== 'choice';
      if (!fits) yield [['encoding', i], 'refers to no feature of that kind'];
    }
  }
  yield* inconsistentRules(m.rules ?? [], features);
  yield* inconsistentExamples(m);
  const { transform, clamp } = m.target;
  if (transform !== 'identity' && !positive(transform.multiplyBy))
    yield [['target', 'transform', 'multiplyBy'], `must be a feature whose min is at least ${LEAST_DIVISOR}`];
  if (clamp?.max !== undefined && !known.has(clamp.max))
    yield [['target', 'clamp', 'max'], 'refers to no number of the model'];
}

function* inconsistentRules(
  rules: readonly Rule[],
  features: ReadonlyMap<string, Feature>,
): Generator<Inconsistency> {
  const seen = new Set<string>();
  for (const [i, { of, direction }] of rules.entries()) {
    const expenses = 'expenses' in of ? of.expenses : [];
    for (const [at, expense] of expenses.entries()) {
      const path = ['rules', i, 'of', 'expenses', at];
      const feature = features.get(expense);
      if (feature?.role !== 'expense' || feature.kind === 'choice')
        yield [path, 'refers to no expense that is an amount'];
      if (expenses.indexOf(expense) < at) yield [path, 'is named twice'];
    }
    const rule = JSON.stringify([direction, expenses.toSorted()]);
    if (seen.has(rule)) yield [['rules', i], 'is of the same, in the same direction, as an earlier rule'];
    seen.add(rule);
  }
}

function* inconsistentExamples({ examples = [], features }: Settled): Generator<Inconsistency> {
  if (examples.length === 0) return;
  const inputs = new InputSchema(features);
  const labels = new Set<string>();
  for (const [i, example] of examples.entries()) {
    const parsed = inputs.parse(example.inputs);
    if (!parsed.ok) {
      const names = parsed.errors.map(({ field }) => field).join(', ');
      yield [['examples', i, 'inputs'], `must hold what each feature takes and nothing else: see ${names}`];
    }
    if (labels.has(example.label)) yield [['examples', i, 'label'], 'is the label of an earlier example'];
    labels.add(example.label);
  }
}
