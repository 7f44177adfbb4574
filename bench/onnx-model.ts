import { type Forest, viewsOf } from '../src/forest/forest.ts';
import { attribute, floats, integer, integers, texts } from '../src/forest/onnx/attributes.ts';
import { ATTRIBUTE, ATTRIBUTE_TYPE, GRAPH, MODEL, NODE } from '../src/forest/onnx/fields.ts';
import { ML, operatorSets, valueInfo } from '../src/forest/onnx/graph-builder.ts';
import { concat, integerField, messageField, textField } from '../src/forest/onnx/protobuf-writer.ts';

const text = (name: string, value: string) =>
  attribute(name, ATTRIBUTE_TYPE.text, textField(ATTRIBUTE.text, value));

/**
 * The same forest as an ONNX TreeEnsembleRegressor (ai.onnx.ml 1), in float32 as onnxruntime is mostly used: input `X`
 * [N, features], output `Y` [N, 1]. What `savings export` writes is in float64.
 */
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
  const ensemble = messageField(
    GRAPH.node,
    textField(NODE.input, 'X'),
    textField(NODE.output, 'Y'),
    textField(NODE.operator, 'TreeEnsembleRegressor'),
    textField(NODE.domain, ML),
    integer('n_targets', 1),
    text('aggregate_function', 'AVERAGE'),
    text('post_transform', 'NONE'),
    integers('nodes_treeids', nodes.tree),
    integers('nodes_nodeids', nodes.id),
    integers('nodes_featureids', nodes.column),
    floats('nodes_values', nodes.value),
    texts('nodes_modes', modes),
    integers('nodes_truenodeids', nodes.left),
    integers('nodes_falsenodeids', nodes.right),
    integers('nodes_missing_value_tracks_true', new Array(modes.length).fill(0)),
    integers('target_treeids', leaves.tree),
    integers('target_nodeids', leaves.id),
    integers('target_ids', new Array(leaves.id.length).fill(0)),
    floats('target_weights', leaves.answer),
  );
  const graph = messageField(
    MODEL.graph,
    ensemble,
    textField(GRAPH.name, 'forest'),
    valueInfo(GRAPH.input, 'X', 'float', forest.features, ''),
    valueInfo(GRAPH.output, 'Y', 'float', 1, ''),
  );
  return concat([integerField(MODEL.irVersion, 9), graph, ...operatorSets({ '': 17, [ML]: 1 })]);
}
