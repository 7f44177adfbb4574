import { type TrainedTree, type TrainJob, treeTrainerOf } from './train.ts';

/** The entry of a training worker: it takes a `TrainJob`, then numbers of trees, and posts a `TrainedTree` for each. */
let train: ((tree: number) => TrainedTree) | undefined;

self.onmessage = ({ data: message }: MessageEvent<TrainJob | number>) => {
  if (typeof message === 'number') self.postMessage(train?.(message));
  else train = treeTrainerOf(message);
};
