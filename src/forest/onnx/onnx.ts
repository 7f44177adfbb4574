import { AppError } from '../../errors.ts';
import { ATTRIBUTE, DIMENSION, GRAPH, MODEL, NODE, SHAPE, TENSOR_TYPE, TYPE, VALUE_INFO } from './fields.ts';
import { PRODUCER } from './graph-builder.ts';
import { float32Boundary } from './float32-boundary.ts';
import { checkForest, type ForestBounds, type ForestJson, type NodeJson } from '../format.ts';
import {
  type Message,
  readMessage,
  repeatedMessages,
  repeatedNumbers,
  repeatedTexts,
} from './protobuf-reader.ts';

const unfit = (reason: string) => new AppError('invalid', `Cannot import the ONNX file: ${reason}.`);
const corrupt = (fault: string) => new AppError('corrupt', `Cannot import the ONNX file: ${fault}.`);

/**
 * Turns a forest that scikit-learn trained and skl2onnx exported (one `TreeEnsembleRegressor`, version 1 to 3 of
 * ai.onnx.ml) into ml-random-forest's JSON.
 *
 * Every row but one with NaN reaches the leaves that it reaches in scikit-learn, which rounds rows to float32 first:
 * thresholds become the float64 numbers where that rounding would turn (see `float32Boundary`). NaN goes right, as
 * everywhere here. Outputs differ from scikit-learn's by the float32 rounding of the file's leaves, about 1 part in
 * 10^7. The file holds no means of inner nodes, so such a forest cannot be explained.
 *
 * @throws AppError `invalid` when the file is another kind of model, `corrupt` when it is damaged.
 */
export function importOnnx(bytes: Uint8Array, bounds: ForestBounds): ForestJson {
  if (onnxProducer(bytes).name === PRODUCER)
    throw unfit('savings exported it, from a version that can be published as it is');
  const [graph] = repeatedMessages(readMessage(bytes), MODEL.graph);
  if (graph === undefined) throw corrupt('it holds no graph');
  checkInput(graph, bounds.features);
  const ensemble = onlyEnsemble(graph);
  const trees = readTrees(ensemble);
  const columns = Array.from({ length: bounds.features }, (_, column) => column);
  const forest: ForestJson = {
    baseModel: {
      indexes: trees.map(() => columns),
      n: bounds.features,
      replacement: false,
      maxFeatures: 1,
      nEstimators: trees.length,
      treeOptions: {},
      isClassifier: false,
      estimators: trees.map((root) => ({ options: { kind: 'regression' }, root, name: 'DTRegression' })),
      useSampleBagging: true,
    },
    selectionMethod: 'mean',
    name: 'RFRegression',
  };
  return checkForest(forest, bounds);
}

/** What wrote an ONNX file, such as skl2onnx, and its version; blank where the file does not say. */
export function onnxProducer(bytes: Uint8Array): { name: string; version: string } {
  const model = readMessage(bytes);
  const [name = ''] = repeatedTexts(model, MODEL.producer);
  const [version = ''] = repeatedTexts(model, MODEL.producerVersion);
  return { name, version };
}

/** A file that says how many columns it takes must take ours. */
function checkInput(graph: Message, features: number): void {
  const path = [VALUE_INFO.type, TYPE.tensor, TENSOR_TYPE.shape];
  const [input] = repeatedMessages(graph, GRAPH.input);
  const shape = path.reduce<Message | undefined>(
    (message, field) => message && repeatedMessages(message, field)[0],
    input,
  );
  const columns = shape && repeatedMessages(shape, SHAPE.dimension)[1]?.get(DIMENSION.size)?.[0];
  if (typeof columns === 'number' && columns !== features)
    throw unfit(`it takes rows of ${columns} columns, not ${features}`);
}

/** The attributes of the only node; a step before or after it would change the trees' inputs or outputs. */
function onlyEnsemble(graph: Message): Attributes {
  const nodes = repeatedMessages(graph, GRAPH.node);
  const operators = nodes.map((node) => repeatedTexts(node, NODE.operator)[0]);
  if (nodes.length !== 1 || operators[0] !== 'TreeEnsembleRegressor')
    throw unfit('it is not a single TreeEnsembleRegressor, as a lone random forest is exported');
  const attributes = repeatedMessages(nodes[0], NODE.attribute);
  return new Map(attributes.map((attribute) => [repeatedTexts(attribute, ATTRIBUTE.name)[0], attribute]));
}

type Attributes = Map<string | undefined, Message>;

const EMPTY: Message = new Map();
const integersOf = (attributes: Attributes, name: string) =>
  repeatedNumbers(attributes.get(name) ?? EMPTY, ATTRIBUTE.integers, 'varint');
const floatsOf = (attributes: Attributes, name: string) =>
  repeatedNumbers(attributes.get(name) ?? EMPTY, ATTRIBUTE.floats, 'float32');
const textsOf = (attributes: Attributes, name: string) =>
  repeatedTexts(attributes.get(name) ?? EMPTY, ATTRIBUTE.texts);
const textOf = (attributes: Attributes, name: string, otherwise: string) =>
  repeatedTexts(attributes.get(name) ?? EMPTY, ATTRIBUTE.text)[0] ?? otherwise;

/** The roots of the trees, in the order in which the file first names them. */
function readTrees(ensemble: Attributes): NodeJson[] {
  checkKind(ensemble);
  const treeIds = integersOf(ensemble, 'nodes_treeids');
  const nodeIds = integersOf(ensemble, 'nodes_nodeids');
  const modes = textsOf(ensemble, 'nodes_modes');
  const columns = integersOf(ensemble, 'nodes_featureids');
  const values = floatsOf(ensemble, 'nodes_values');
  const left = integersOf(ensemble, 'nodes_truenodeids');
  const right = integersOf(ensemble, 'nodes_falsenodeids');
  for (const list of [nodeIds, modes, columns, values, left, right]) {
    if (list.length !== treeIds.length) throw corrupt('its lists of nodes differ in length');
  }

  const trees = new Map<number, Map<number, OnnxNode>>();
  treeIds.forEach((tree, i) => {
    const nodes = trees.get(tree) ?? new Map<number, OnnxNode>();
    trees.set(tree, nodes);
    if (nodes.has(nodeIds[i])) throw corrupt('a tree has two nodes of one number');
    nodes.set(nodeIds[i], {
      mode: modes[i],
      column: columns[i],
      value: values[i],
      left: left[i],
      right: right[i],
      outputs: [],
    });
  });
  addOutputs(ensemble, trees);
  return [...trees.values()].map(growTree);
}

interface OnnxNode {
  mode: string;
  column: number;
  value: number;
  left: number;
  right: number;
  /** The outputs that the file gives the node: one for a leaf, none for a split. */
  outputs: number[];
}

/** Refuses ensembles that are no random forest for regression. */
function checkKind(ensemble: Attributes): void {
  if (!['SUM', 'AVERAGE'].includes(aggregateOf(ensemble)))
    throw unfit('its trees are not summed or averaged');
  if (textOf(ensemble, 'post_transform', 'NONE') !== 'NONE')
    throw unfit('it transforms the outputs of its trees');
  if (ensemble.get('n_targets')?.get(ATTRIBUTE.integer)?.[0] !== 1)
    throw unfit('it has not exactly one target');
  if (floatsOf(ensemble, 'base_values').some((value) => value !== 0))
    throw unfit('its trees add to a base value, so it is no random forest');
  if (integersOf(ensemble, 'nodes_missing_value_tracks_true').some((value) => value !== 0))
    throw unfit('it was trained with missing values, which ml-random-forest cannot follow');
}

const aggregateOf = (ensemble: Attributes) => textOf(ensemble, 'aggregate_function', 'SUM');

function addOutputs(ensemble: Attributes, trees: Map<number, Map<number, OnnxNode>>): void {
  const treeIds = integersOf(ensemble, 'target_treeids');
  const nodeIds = integersOf(ensemble, 'target_nodeids');
  const weights = floatsOf(ensemble, 'target_weights');
  if (nodeIds.length !== treeIds.length || weights.length !== treeIds.length)
    throw corrupt('its lists of outputs differ in length');
  // Where trees are summed, each leaf holds its share of the mean.
  const shares = aggregateOf(ensemble) === 'SUM' ? trees.size : 1;
  treeIds.forEach((tree, i) => {
    const node = trees.get(tree)?.get(nodeIds[i]);
    if (node === undefined) throw corrupt('it holds an output for a node that is not there');
    node.outputs.push(weights[i] * shares);
  });
}

/** Links the nodes of one tree, each to one parent at most, and returns the one that has none. */
function growTree(nodes: Map<number, OnnxNode>): NodeJson {
  const grown = new Map([...nodes].map(([id, node]) => [id, toJson(node)]));
  const orphans = new Map(grown);
  const adopt = (id: number) => {
    const child = orphans.get(id);
    if (child === undefined) throw corrupt('a node is missing, or the child of two');
    orphans.delete(id);
    return child;
  };
  for (const [id, { left, right }] of nodes) {
    const node = grown.get(id)!;
    if ('distribution' in node) continue;
    node.left = adopt(left);
    node.right = adopt(right);
  }
  const [root, ...others] = orphans.values();
  if (root === undefined || others.length > 0) throw corrupt('a tree has not exactly one root');
  return root;
}

/** The children of a split are put in when all nodes are there. */
function toJson({ mode, column, value, outputs }: OnnxNode): NodeJson {
  if (mode === 'LEAF') {
    if (outputs.length !== 1) throw corrupt('a leaf has not exactly one output');
    return { distribution: outputs[0] };
  }
  if (mode !== 'BRANCH_LEQ')
    throw unfit('it compares otherwise than with <=, so scikit-learn did not train it');
  if (outputs.length > 0) throw corrupt('a node has children and an output too');
  const nowhere: NodeJson = { distribution: 0 };
  return { splitColumn: column, splitValue: float32Boundary(value), left: nowhere, right: nowhere };
}
