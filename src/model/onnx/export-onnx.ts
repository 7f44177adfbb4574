import { AppError } from '../../errors.ts';
import { float, floats, integer, texts } from '../../forest/onnx/attributes.ts';
import { ELEMENT } from '../../forest/onnx/fields.ts';
import { GraphBuilder, ML, type Value } from '../../forest/onnx/graph-builder.ts';
import { type LeafValue, treeEnsemble } from '../../forest/onnx/tree-ensemble.ts';
import { compile } from '../../forest/predict.ts';
import type { Golden } from '../artifact/golden.ts';
import type { Verified } from '../artifact/verify.ts';
import { LEAST_DIVISOR } from '../derived-columns.ts';
import { fixed } from '../fixed.ts';
import { type Column, type Derived, type Feature, FILES, type Manifest } from '../manifest.ts';
import { Model } from '../model.ts';

/** What the graph gives, under the names that a CSV's predictions have. */
const OUTPUTS = ['prediction', 'low', 'high'] as const;

const TO_DOUBLE = integer('to', ELEMENT.double);

/**
 * A model as an ONNX graph: the manifest's inputs by their names, [N, 1] each, to the amount and the ends of its interval.
 * It computes all that `Model` and its `Encoder` do, in float64 and in the same order, so that only the order in which a
 * runtime sums up trees can set the two apart, in the last digits. A row that the API would refuse gets NaN.
 *
 * The same model gives the same bytes.
 *
 * @param manifestSha256 the identity of the whole
 * @param producerVersion this program's
 * @throws AppError `invalid` when an input has the name of an output
 */
export function exportOnnx(
  { manifest, forest, golden }: Verified,
  manifestSha256: string,
  producerVersion: string,
): Uint8Array {
  const { name, version, features, derived, encoding, target, interval } = manifest;
  const taken = features.find((feature) => OUTPUTS.some((output) => output === feature.name));
  if (taken !== undefined)
    throw new AppError(
      'invalid',
      `Cannot export version ${version}: its input ${taken.name} has the name of one of the graph's outputs, ` +
        `${OUTPUTS.join(', ')}. Train it with another name for the input.`,
    );

  const graph = new GraphBuilder();
  const inputs = features.map((feature) => inputOf(graph, feature, target));
  const quantities = new Map(features.map((feature, i) => [feature.name, inputs[i].value]));
  for (const column of derived) quantities.set(column.name, derivedColumn(graph, column, quantities));
  const row = graph.node(
    'Concat',
    encoding.map((column) => encodedColumn(graph, column, manifest, quantities)),
    [integer('axis', 1)],
  );
  const walk = (of: LeafValue) => graph.node('TreeEnsemble', [row], treeEnsemble(forest, of), ML);

  const output = walk('output');
  const [low, high] = interval.method === 'split-conformal' ? [output, output] : [walk('low'), walk('high')];
  const amounts = amountsOf(graph, manifest, quantities, { output, low, high });
  const accepted = inputs.map(({ accepted }) => accepted).reduce((a, b) => graph.node('And', [a, b]));
  const unit = `${target.label}, ${target.unit}`;
  const docs = {
    prediction: unit,
    low: `The lower end of the interval that holds ${fixed(100 * interval.coverage, 1)} % of such rows: ${unit}`,
    high: `Its upper end: ${unit}`,
  };
  for (const of of OUTPUTS)
    graph.output(of, graph.node('Where', [accepted, amounts[of], graph.constant(Number.NaN)]), docs[of]);

  return graph.toBytes(name, {
    producerVersion,
    doc: `${name} ${version}: ${unit}. A row with an input that is missing, unknown or out of its range gets NaN.`,
    metadata: metadataOf(new Model(manifest, manifestSha256, compile(forest)), golden),
  });
}

interface Input {
  value: Value;
  /** Whether the API would take it. */
  accepted: Value;
}

/** A choice becomes its index, and what is none of the choices -1. */
function inputOf(graph: GraphBuilder, feature: Feature, target: Manifest['target']): Input {
  const { name, label, kind, choices, min, max } = feature;
  const unit = feature.unit ?? (feature.role === 'other' ? undefined : target.unit);
  const what = unit === undefined ? label : `${label}, ${unit}`;
  if (choices !== undefined) {
    const index = graph.node(
      'LabelEncoder',
      [graph.input(name, 'string', `${what}: one of ${choices.join(', ')}`)],
      [
        texts('keys_strings', choices),
        floats(
          'values_floats',
          choices.map((_, i) => i),
        ),
        float('default_float', -1),
      ],
      ML,
    );
    const value = graph.node('Cast', [index], [TO_DOUBLE]);
    return { value, accepted: graph.node('GreaterOrEqual', [value, graph.constant(0)]) };
  }
  const value = graph.input(
    name,
    'double',
    `${what}: a ${kind === 'integer' ? 'whole ' : ''}number from ${min} to ${max}`,
  );
  // Both are false of NaN.
  const within = graph.node('And', [
    graph.node('GreaterOrEqual', [value, graph.constant(min)]),
    graph.node('LessOrEqual', [value, graph.constant(max)]),
  ]);
  if (kind !== 'integer') return { value, accepted: within };
  const isWhole = graph.node('Equal', [value, graph.node('Floor', [value])]);
  return { value, accepted: graph.node('And', [within, isWhole]) };
}

/** As `Encoder.derive` does it. */
function derivedColumn(graph: GraphBuilder, column: Derived, quantities: ReadonlyMap<string, Value>): Value {
  const value = (name: string) => quantities.get(name)!;
  const sum = (names: readonly string[]) => names.map(value).reduce((a, b) => graph.node('Add', [a, b]));
  switch (column.op) {
    case 'share':
      return graph.node('Div', [value(column.of), value(column.by)]);
    case 'ratio': {
      const by = value(column.by);
      const isTiny = graph.node('Less', [graph.node('Abs', [by]), graph.constant(LEAST_DIVISOR)]);
      return graph.node('Where', [isTiny, graph.constant(0), graph.node('Div', [value(column.of), by])]);
    }
    case 'remainder':
      return graph.node('Sub', [value(column.of), sum(column.minus)]);
    case 'difference':
      return graph.node('Sub', [value(column.of), value(column.minus)]);
    case 'sum': {
      const [first, ...others] = column.of;
      return graph.node('Add', [value(first), sum(others)]);
    }
  }
}

/** As `Encoder.encode` does it. */
function encodedColumn(
  graph: GraphBuilder,
  column: Column,
  { features }: Manifest,
  quantities: ReadonlyMap<string, Value>,
): Value {
  if ('derived' in column) return quantities.get(column.derived)!;
  const value = quantities.get(column.feature)!;
  if (!('choice' in column)) return value;
  const index = features.find(({ name }) => name === column.feature)!.choices!.indexOf(column.choice);
  return graph.node('Cast', [graph.node('Equal', [value, graph.constant(index)])], [TO_DOUBLE]);
}

/** As `Model` makes the amount and its interval of the forest's output and quantiles. */
function amountsOf(
  graph: GraphBuilder,
  { features, target, interval }: Manifest,
  quantities: ReadonlyMap<string, Value>,
  { output, low, high }: Record<'output' | 'low' | 'high', Value>,
): Record<(typeof OUTPUTS)[number], Value> {
  const { transform, clamp } = target;
  const scaled = (value: Value) =>
    transform === 'identity' ? value : graph.node('Mul', [value, quantities.get(transform.multiplyBy)!]);
  const clamped = (value: Value) => {
    const capped = clamp?.max === undefined ? value : graph.node('Min', [value, quantities.get(clamp.max)!]);
    return clamp === undefined ? capped : graph.node('Max', [capped, graph.constant(clamp.min)]);
  };
  const income = features.find(({ role }) => role === 'income');
  const beyond = scaled(halfWidth(graph, interval.bands, income && quantities.get(income.name)!));
  const unclamped = scaled(output);
  const end = (side: 'Min' | 'Max', quantile: Value, move: 'Sub' | 'Add') => {
    const from = scaled(graph.node(side, [output, quantile]));
    return clamped(graph.node(side, [unclamped, graph.node(move, [from, beyond])]));
  };
  return {
    prediction: clamped(unclamped),
    low: end('Min', low, 'Sub'),
    high: end('Max', high, 'Add'),
  };
}

/** By how much the interval of an income reaches beyond what it is built around, in the forest's unit. */
function halfWidth(
  graph: GraphBuilder,
  [first, ...others]: Manifest['interval']['bands'],
  income: Value | undefined,
): Value {
  let width = graph.constant(first.quantile);
  if (income === undefined) return width;
  // Bands rise, so the last one whose beginning the income has reached is its own.
  let from = first.below!;
  for (const { below, quantile } of others) {
    const isReached = graph.node('GreaterOrEqual', [income, graph.constant(from)]);
    width = graph.node('Where', [isReached, graph.constant(quantile), width]);
    from = below!;
  }
  return width;
}

/** What says which model this is, and rows by which whoever has loaded it can see that it answers as it should. */
function metadataOf(model: Model, golden: Golden): Record<string, string> {
  const { format, name, version, target, interval, files } = model.manifest;
  const inputs = golden.rows.map((row) => row.inputs);
  const rows = model.predictMany(inputs).map(({ amount, interval: { low, high } }, i) => ({
    inputs: inputs[i],
    prediction: amount,
    low,
    high,
  }));
  return {
    format,
    name,
    version,
    manifestSha256: model.sha256,
    forestSha256: files.find(({ path }) => path === FILES.forest)!.sha256,
    target: target.label,
    unit: target.unit,
    ...(target.currency === undefined ? {} : { currency: target.currency }),
    ...(target.period === undefined ? {} : { period: target.period }),
    coverage: String(interval.coverage),
    golden: JSON.stringify(rows),
  };
}
