import { z } from 'zod';
import { AppError } from '../errors.ts';

/** A node that sends `row[indexes[tree][splitColumn]] < splitValue` to `left`, everything else (NaN too) to `right`. */
export interface SplitJson {
  splitColumn: number;
  splitValue: number;
  left: NodeJson;
  right: NodeJson;
  /** Mean target of the training rows that reached the node; our own key, which the library ignores. */
  mean?: number;
  /** How many training rows reached the node; our own key too. */
  count?: number;
}

/** A node without children. Its `distribution` is the mean target of its training rows: the tree's output. */
export interface LeafJson {
  distribution: number;
  mean?: number;
  count?: number;
  /** A lower and an upper quantile of the targets in the leaf; our own key as well. */
  quantiles?: [low: number, high: number];
}

export type NodeJson = SplitJson | LeafJson;

export interface EstimatorJson {
  options: Record<string, unknown>;
  root: NodeJson;
  name: 'DTRegression';
}

/** What `RandomForestRegression.toJSON()` of ml-random-forest 2.1 writes, by the keys that predictions depend on. */
export interface ForestJson {
  baseModel: {
    /** For each tree the columns that it sees: a permutation, a subset or, with `replacement`, with duplicates. */
    indexes: number[][];
    n: number;
    replacement: boolean;
    maxFeatures: number;
    nEstimators: number;
    treeOptions: Record<string, unknown>;
    isClassifier: false;
    seed?: number;
    estimators: EstimatorJson[];
    useSampleBagging: boolean;
  };
  /** The library knows `median` too, which `checkForest` refuses. */
  selectionMethod: 'mean';
  name: 'RFRegression';
}

export interface ForestBounds {
  /** Length of the rows that the forest will predict. */
  features: number;
  maxTrees?: number;
  maxNodes?: number;
  /** Levels below the root. The library's loader and `predict` recurse, so this also keeps their stack bounded. */
  maxDepth?: number;
}

const DEFAULT_MAX_TREES = 10_000;
const DEFAULT_MAX_NODES = 20_000_000;
const DEFAULT_MAX_DEPTH = 1_000;

const anyObject = z.looseObject({});

const envelope = z.object({
  baseModel: z.object({
    indexes: z.array(z.unknown()),
    n: z.int().nonnegative(),
    replacement: z.boolean(),
    maxFeatures: z.number(),
    nEstimators: z.int().positive(),
    treeOptions: anyObject,
    isClassifier: z.literal(false),
    seed: z.int().optional(),
    estimators: z.array(z.object({ options: anyObject, name: z.literal('DTRegression') })),
    useSampleBagging: z.boolean(),
  }),
  selectionMethod: z.enum(['mean', 'median']),
  name: z.literal('RFRegression'),
});

/**
 * Checks that parsed JSON is a forest that the library loads and that predicts as it says, and returns the same
 * object. `RandomForestRegression.load` itself checks nothing but two names.
 *
 * Nodes are walked with an explicit stack, so hostile nesting cannot overflow the call stack, and only own
 * properties count, so a key such as `__proto__` means nothing.
 *
 * @param what names the JSON: `forest.json.gz of version 3`
 * @throws AppError `corrupt`, naming the tree, the node and the fault.
 */
export function checkForest(json: unknown, bounds: ForestBounds, what = 'the forest'): ForestJson {
  const corrupt = (fault: string) => new AppError('corrupt', `Cannot use ${what}: ${fault}.`);
  const parsed = envelope.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw corrupt(`${issue?.path.join('.') || 'the JSON'}: ${issue?.message ?? 'is not a forest'}`);
  }
  if (parsed.data.selectionMethod !== 'mean')
    throw corrupt(
      "its selectionMethod is 'median', which is not supported; train it with 'mean', the default",
    );
  // What zod returns is a copy without the nodes; the original is what was checked and what is handed on.
  const forest = json as ForestJson;
  const { estimators, indexes, nEstimators } = forest.baseModel;
  const maxTrees = bounds.maxTrees ?? DEFAULT_MAX_TREES;
  if (nEstimators > maxTrees) throw corrupt(`it has more than ${maxTrees} trees`);
  if (estimators.length !== nEstimators)
    throw corrupt(`nEstimators is ${nEstimators}, but estimators has the length ${estimators.length}`);
  if (indexes.length !== nEstimators)
    throw corrupt(`nEstimators is ${nEstimators}, but indexes has the length ${indexes.length}`);

  const caps = {
    nodesLeft: bounds.maxNodes ?? DEFAULT_MAX_NODES,
    maxDepth: bounds.maxDepth ?? DEFAULT_MAX_DEPTH,
  };
  for (let tree = 0; tree < nEstimators; tree++) {
    checkIndexes(indexes[tree], bounds.features, tree, corrupt);
    checkTree(estimators[tree], indexes[tree].length, tree, caps, corrupt);
  }
  return forest;
}

type Corrupt = (fault: string) => AppError;

function checkIndexes(columns: unknown, features: number, tree: number, corrupt: Corrupt): void {
  if (!Array.isArray(columns)) throw corrupt(`indexes of tree ${tree} are not a list`);
  if (columns.length > features) throw corrupt(`tree ${tree} has more indexes than the ${features} features`);
  for (let i = 0; i < columns.length; i++) {
    if (!isBelow(columns[i], features))
      throw corrupt(`tree ${tree}, index ${i}: is not one of the ${features} features`);
  }
}

/** Walks one tree in preorder; `caps.nodesLeft` is shared by all trees. */
function checkTree(
  estimator: object,
  columns: number,
  tree: number,
  caps: { nodesLeft: number; maxDepth: number },
  corrupt: Corrupt,
): void {
  const stack: unknown[] = [Object.hasOwn(estimator, 'root') ? (estimator as EstimatorJson).root : undefined];
  // Twins of the stack. A step is depth * 2 + (1 when the node is a right child).
  const steps: number[] = [0];
  // In preorder, path[1..depth] is always the way down to the current node.
  const path: ('left' | 'right')[] = [];

  while (stack.length > 0) {
    const node = stack.pop();
    const step = steps.pop()!;
    const depth = step >> 1;
    path[depth] = step & 1 ? 'right' : 'left';
    const fail = (fault: string) => corrupt(`tree ${tree}, node ${nodeName(path, depth)}: ${fault}`);

    if (depth > caps.maxDepth) throw fail(`lies deeper than ${caps.maxDepth} levels`);
    if (--caps.nodesLeft < 0) throw fail('there are more nodes than allowed');
    if (typeof node !== 'object' || node === null) throw fail('is not an object');
    if (Object.hasOwn(node, 'mean') && !isOutput((node as SplitJson).mean))
      throw fail(`mean is ${NO_OUTPUT}`);
    if (Object.hasOwn(node, 'count') && !isCount((node as SplitJson).count))
      throw fail('count is not a positive integer');

    const hasChildren = Object.hasOwn(node, 'left') || Object.hasOwn(node, 'right');
    if (Object.hasOwn(node, 'distribution')) {
      if (hasChildren) throw fail('has both a distribution and children');
      if (!isOutput((node as LeafJson).distribution)) throw fail(`distribution is ${NO_OUTPUT}`);
      if (Object.hasOwn(node, 'quantiles') && !areQuantiles((node as LeafJson).quantiles))
        throw fail(`quantiles are not two rising numbers within ±${MAX_OUTPUT}`);
      continue;
    }
    if (!Object.hasOwn(node, 'left') || !Object.hasOwn(node, 'right'))
      throw fail('has neither a distribution nor two children');
    const split = node as SplitJson;
    if (!Object.hasOwn(node, 'splitValue') || !Number.isFinite(split.splitValue))
      throw fail('splitValue is not a finite number');
    if (!Object.hasOwn(node, 'splitColumn') || !isBelow(split.splitColumn, columns))
      throw fail(`splitColumn is not one of the tree's ${columns} columns`);
    stack.push(split.right, split.left);
    steps.push((depth + 1) * 2 + 1, (depth + 1) * 2);
  }
}

/** The bound of a target that can be trained on: no sum or product with an output overflows. */
const MAX_OUTPUT = 1e150;
const NO_OUTPUT = `not a finite number within ±${MAX_OUTPUT}`;

const isOutput = (value: unknown) => typeof value === 'number' && Math.abs(value) <= MAX_OUTPUT;

const areQuantiles = (value: unknown) =>
  Array.isArray(value) && value.length === 2 && value.every(isOutput) && value[0] <= value[1];

const isBelow = (value: unknown, end: number) =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < end;

const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) > 0;

/** A node's name, such as `root.left.right`; the middle of a long way down is left out. */
function nodeName(path: readonly string[], depth: number): string {
  const steps = path.slice(1, depth + 1);
  const shown = depth <= 12 ? steps : [...steps.slice(0, 6), `(${depth - 8} more)`, ...steps.slice(-2)];
  return ['root', ...shown].join('.');
}
