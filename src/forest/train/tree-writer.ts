import type { GrownNode } from './grow-tree.ts';
import type { TrainOptions, TreeOptions } from './train-options.ts';

/**
 * How a forest is written. `library`: every key that ml-random-forest writes, byte for byte. `slim`: only what
 * predictions and explanations need, and that library loads it with the same predictions; a split carries the
 * `mean` target and the `count` of its training rows, a leaf its `count` (its mean is its `distribution`).
 */
export type ForestWriter = 'library' | 'slim';

/** The JSON of one estimator. */
export function writeEstimator(nodes: GrownNode[], options: TrainOptions, writer: ForestWriter): string {
  const openNode = writer === 'slim' ? slimNode : libraryNodeWith(options.treeOptions);
  const pieces = [`{"options":${JSON.stringify(fullTreeOptions(options.treeOptions))},"root":`];
  // It holds, for each split on the way down, whether its right child is being written.
  const inRight: boolean[] = [];
  for (const node of nodes) {
    pieces.push(openNode(node));
    if (node.hasChildren) {
      pieces.push(',"left":');
      inRight.push(false);
      continue;
    }
    pieces.push('}');
    while (inRight.at(-1)) {
      inRight.pop();
      pieces.push('}');
    }
    if (inRight.length > 0) {
      inRight[inRight.length - 1] = true;
      pieces.push(',"right":');
    }
  }
  pieces.push(',"name":"DTRegression"}');
  return pieces.join('');
}

/** What the library fills in, in the order in which it writes it. */
function fullTreeOptions(treeOptions: TreeOptions) {
  const defaults = {
    gainFunction: 'regression',
    splitFunction: 'mean',
    minNumSamples: 3,
    maxDepth: Infinity,
  };
  return { ...defaults, ...treeOptions, kind: 'regression' };
}

function slimNode({ mean, count, split, hasChildren }: GrownNode): string {
  return split !== null && hasChildren
    ? `{"splitColumn":${split.column.index},"splitValue":${split.value},"mean":${mean},"count":${count}`
    : `{"distribution":${mean},"count":${count}`;
}

function libraryNodeWith(treeOptions: TreeOptions): (node: GrownNode) => string {
  const { kind, gainFunction, splitFunction, minNumSamples, maxDepth, gainThreshold } = {
    gainThreshold: 0,
    ...fullTreeOptions(treeOptions),
  };
  const opening = JSON.stringify({
    kind,
    gainFunction,
    splitFunction,
    minNumSamples,
    maxDepth,
    gainThreshold,
  }).slice(0, -1);
  return ({ mean, count, split, hasChildren }) => {
    let text = opening;
    if (split !== null)
      text += `,"splitValue":${split.value},"splitColumn":${split.column.index},"gain":${split.gain},"numberSamples":${count}`;
    else if (count > minNumSamples) text += ',"gain":null';
    return hasChildren ? text : `${text},"distribution":${mean}`;
  };
}
