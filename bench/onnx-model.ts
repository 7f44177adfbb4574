import type { Forest } from '../src/forest/forest.ts';
import { plainTrees } from './plain-trees.ts';

/** Numbers of TensorProto.DataType. */
const FLOAT = 1;
const DOUBLE = 11;
const utf8 = new TextEncoder();

/** As much of a protobuf writer as an ONNX model needs (https://protobuf.dev/programming-guides/encoding/). */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80);
  return [...bytes, rest];
}

const integer = (field: number, value: number): Uint8Array =>
  Uint8Array.from([...varint(field * 8), ...varint(value)]);
const bytes = (field: number, content: Uint8Array): Uint8Array =>
  concat([Uint8Array.from([...varint(field * 8 + 2), ...varint(content.length)]), content]);
const text = (field: number, content: string): Uint8Array => bytes(field, utf8.encode(content));
const message = (field: number, ...fields: Uint8Array[]): Uint8Array => bytes(field, concat(fields));

function concat(parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Attributes of a node, by the field and type numbers of onnx.proto's AttributeProto. */
const intAttribute = (name: string, value: number) =>
  message(5, text(1, name), integer(3, value), integer(20, 2));
const textAttribute = (name: string, value: string) =>
  message(5, text(1, name), text(4, value), integer(20, 3));
const floats = (name: string, values: number[]) => {
  const packed = new Uint8Array(Float32Array.from(values).buffer);
  return message(5, text(1, name), bytes(7, packed), integer(20, 6));
};
/** One dimension of float64, which TreeEnsembleRegressor takes since ai.onnx.ml 3. */
const doubles = (name: string, values: number[]) => {
  const raw = new Uint8Array(Float64Array.from(values).buffer);
  const tensor = message(5, integer(1, values.length), integer(2, DOUBLE), bytes(9, raw));
  return message(5, text(1, `${name}_as_tensor`), tensor, integer(20, 4));
};
const ints = (name: string, values: number[]) =>
  message(5, text(1, name), bytes(8, Uint8Array.from(values.flatMap(varint))), integer(20, 7));
const texts = (name: string, values: string[]) =>
  message(5, text(1, name), concat(values.map((value) => text(9, value))), integer(20, 8));

/** A value's name, element type and shape: any number of rows and so many columns. */
const valueInfo = (field: number, name: string, type: number, columns: number) =>
  message(
    field,
    text(1, name),
    message(
      2,
      message(1, integer(1, type), message(2, message(1, text(2, 'N')), message(1, integer(1, columns)))),
    ),
  );

/**
 * The same forest as an ONNX TreeEnsembleRegressor: input `X` [N, features], output `Y` [N, 1], or of a forest with
 * quantiles [N, 3]: the output, and the means over trees of their leaves' lower and upper quantiles.
 *
 * @param precise whether columns, thresholds and answers are float64; the usual is float32, which sends a value that
 * is close to a threshold to its other side
 */
export function onnxModel(forest: Forest, precise = false): Uint8Array {
  const [type, numbers, operators] = precise
    ? ([DOUBLE, doubles, 3] as const)
    : ([FLOAT, floats, 1] as const);
  const nodes = { tree: [], id: [], column: [], value: [], left: [], right: [] } as Record<string, number[]>;
  const modes: string[] = [];
  const leaves = { tree: [], id: [], output: [], answer: [] } as Record<string, number[]>;
  const outputs = forest.quantiles === null ? 1 : 3;
  for (const [t, tree] of plainTrees(forest).entries()) {
    for (const [id, column] of tree.column.entries()) {
      const isLeaf = column < 0;
      nodes.tree.push(t);
      nodes.id.push(id);
      nodes.column.push(isLeaf ? 0 : column);
      nodes.value.push(tree.threshold[id]);
      nodes.left.push(isLeaf ? 0 : tree.left[id]);
      nodes.right.push(isLeaf ? 0 : tree.right[id]);
      modes.push(isLeaf ? 'LEAF' : 'BRANCH_LT');
      if (!isLeaf) continue;
      for (const [output, answer] of tree.answers[id].entries()) {
        leaves.tree.push(t);
        leaves.id.push(id);
        leaves.output.push(output);
        leaves.answer.push(answer);
      }
    }
  }
  const ensemble = message(
    1,
    text(1, 'X'),
    text(2, 'Y'),
    text(4, 'TreeEnsembleRegressor'),
    text(7, 'ai.onnx.ml'),
    intAttribute('n_targets', outputs),
    textAttribute('aggregate_function', 'AVERAGE'),
    textAttribute('post_transform', 'NONE'),
    ints('nodes_treeids', nodes.tree),
    ints('nodes_nodeids', nodes.id),
    ints('nodes_featureids', nodes.column),
    numbers('nodes_values', nodes.value),
    texts('nodes_modes', modes),
    ints('nodes_truenodeids', nodes.left),
    ints('nodes_falsenodeids', nodes.right),
    ints('nodes_missing_value_tracks_true', new Array(modes.length).fill(0)),
    ints('target_treeids', leaves.tree),
    ints('target_nodeids', leaves.id),
    ints('target_ids', leaves.output),
    numbers('target_weights', leaves.answer),
  );
  const graph = message(
    7,
    ensemble,
    text(2, 'forest'),
    valueInfo(11, 'X', type, forest.features),
    valueInfo(12, 'Y', FLOAT, outputs),
  );
  const domains = [
    message(8, text(1, ''), integer(2, 17)),
    message(8, text(1, 'ai.onnx.ml'), integer(2, operators)),
  ];
  return concat([integer(1, 9), graph, ...domains]);
}
