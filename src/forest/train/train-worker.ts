import { createTreeTrainer } from './train.ts';
import type { TrainOptions } from './train-options.ts';
import type { TrainingData } from './training-data.ts';
import type { ForestWriter } from './tree-writer.ts';

/** The first message to a worker. Everything in it has been checked. */
export interface TrainJob {
  data: TrainingData;
  options: TrainOptions;
  writer: ForestWriter;
}

/** The entry of a training worker: it takes a `TrainJob`, then numbers of trees, and posts a `TrainedTree` for each. */
let train: ReturnType<typeof createTreeTrainer> | undefined;

self.onmessage = ({ data: message }: MessageEvent<TrainJob | number>) => {
  if (typeof message === 'number') self.postMessage(train?.(message));
  else train = createTreeTrainer(message.data, message.options, message.writer);
};
