import { type Forest, viewsOf } from '../src/forest/forest.ts';

const FLOAT = 1;
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
const ints = (name: string, values: number[]) =>
  message(5, text(1, name), bytes(8, Uint8Array.from(values.flatMap(varint))), integer(20, 7));
const texts = (name: string, values: string[]) =>
  message(5, text(1, name), concat(values.map((value) => text(9, value))), integer(20, 8));

/** A value's name, element type and shape: any number of rows and so many columns. */
const valueInfo = (field: number, name: string, columns: number) =>
  message(
    field,
    text(1, name),
    message(
      2,
      message(1, integer(1, FLOAT), message(2, message(1, text(2, 'N')), message(1, integer(1, columns)))),
    ),
  );

/** The same forest as an ONNX TreeEnsembleRegressor (ai.onnx.ml 1): input `X` [N, features], output `Y` [N, 1]. */
export function onnxModel(forest: Forest): Uint8Array {
  const { numbers, words } = viewsOf(forest.nodes);
  const nodes = { tree: [], id: [], column: [], value: [], left: [], right: [] } as Record<string, number[]>;
  const modes: string[] = [];
  const leaves = { tree: [], id: [], answer: [] } as Record<string, number[]>;
  forest.roots.forEach((root, tree) => {
    const ids = new Map([[root, 0]]);
    // A Map can be walked while it grows.
    for (const [node, id] of ids) {
      const column = words[4 * node + 2];
      const right = words[4 * node + 3];
      const isLeaf = column === forest.features;
      if (isLeaf) {
        leaves.tree.push(tree);
        leaves.id.push(id);
        leaves.answer.push(numbers[2 * node]);
      } else {
        ids.set(right - 1, ids.size);
        ids.set(right, ids.size);
      }
      nodes.tree.push(tree);
      nodes.id.push(id);
      nodes.column.push(isLeaf ? 0 : column);
      nodes.value.push(isLeaf ? 0 : numbers[2 * node]);
      nodes.left.push(isLeaf ? 0 : ids.get(right - 1)!);
      nodes.right.push(isLeaf ? 0 : ids.get(right)!);
      modes.push(isLeaf ? 'LEAF' : 'BRANCH_LT');
    }
  });
  const ensemble = message(
    1,
    text(1, 'X'),
    text(2, 'Y'),
    text(4, 'TreeEnsembleRegressor'),
    text(7, 'ai.onnx.ml'),
    intAttribute('n_targets', 1),
    textAttribute('aggregate_function', 'AVERAGE'),
    textAttribute('post_transform', 'NONE'),
    ints('nodes_treeids', nodes.tree),
    ints('nodes_nodeids', nodes.id),
    ints('nodes_featureids', nodes.column),
    floats('nodes_values', nodes.value),
    texts('nodes_modes', modes),
    ints('nodes_truenodeids', nodes.left),
    ints('nodes_falsenodeids', nodes.right),
    ints('nodes_missing_value_tracks_true', new Array(modes.length).fill(0)),
    ints('target_treeids', leaves.tree),
    ints('target_nodeids', leaves.id),
    ints('target_ids', new Array(leaves.id.length).fill(0)),
    floats('target_weights', leaves.answer),
  );
  const graph = message(
    7,
    ensemble,
    text(2, 'forest'),
    valueInfo(11, 'X', forest.features),
    valueInfo(12, 'Y', 1),
  );
  const domains = [message(8, text(1, ''), integer(2, 17)), message(8, text(1, 'ai.onnx.ml'), integer(2, 1))];
  return concat([integer(1, 9), graph, ...domains]);
}
