import type { Forest } from '../src/forest/forest.ts';
import { attribute, doubles, floats, integer, integers, texts } from '../src/forest/onnx/attributes.ts';
import { ATTRIBUTE, ATTRIBUTE_TYPE, GRAPH, MODEL, NODE } from '../src/forest/onnx/fields.ts';
import { ML, operatorSets, valueInfo } from '../src/forest/onnx/graph-builder.ts';
import { concat, integerField, messageField, textField } from '../src/forest/onnx/protobuf-writer.ts';
import { plainTrees } from './plain-trees.ts';

const text = (name: string, value: string) =>
  attribute(name, ATTRIBUTE_TYPE.text, textField(ATTRIBUTE.text, value));

/** One dimension of float64, which TreeEnsembleRegressor takes since ai.onnx.ml 3. */
const doublesOf = (name: string, values: number[]) => doubles(`${name}_as_tensor`, values);

/**
 * The same forest as an ONNX TreeEnsembleRegressor, as onnxruntime is mostly used: input `X` [N, features], output `Y`
 * [N, 1], or of a forest with quantiles [N, 3]: the output, and the means over trees of their leaves' lower and upper
 * quantiles. What `savings export` writes is a whole model.
 *
 * @param precise whether columns, thresholds and answers are float64; the usual is float32, which sends a value that
 * is close to a threshold to its other side
 */
export function onnxModel(forest: Forest, precise = false): Uint8Array {
  const [type, numbers, operators] = precise
    ? (['double', doublesOf, 3] as const)
    : (['float', floats, 1] as const);
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
  const ensemble = messageField(
    GRAPH.node,
    textField(NODE.input, 'X'),
    textField(NODE.output, 'Y'),
    textField(NODE.operator, 'TreeEnsembleRegressor'),
    textField(NODE.domain, ML),
    integer('n_targets', outputs),
    text('aggregate_function', 'AVERAGE'),
    text('post_transform', 'NONE'),
    integers('nodes_treeids', nodes.tree),
    integers('nodes_nodeids', nodes.id),
    integers('nodes_featureids', nodes.column),
    numbers('nodes_values', nodes.value),
    texts('nodes_modes', modes),
    integers('nodes_truenodeids', nodes.left),
    integers('nodes_falsenodeids', nodes.right),
    integers('nodes_missing_value_tracks_true', new Array(modes.length).fill(0)),
    integers('target_treeids', leaves.tree),
    integers('target_nodeids', leaves.id),
    integers('target_ids', leaves.output),
    numbers('target_weights', leaves.answer),
  );
  const graph = messageField(
    MODEL.graph,
    ensemble,
    textField(GRAPH.name, 'forest'),
    valueInfo(GRAPH.input, 'X', type, forest.features, ''),
    valueInfo(GRAPH.output, 'Y', 'float', outputs, ''),
  );
  return concat([integerField(MODEL.irVersion, 9), graph, ...operatorSets({ '': 17, [ML]: operators })]);
}
