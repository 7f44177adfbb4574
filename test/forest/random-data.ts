import type { TrainOptions, TreeOptions } from '../../src/forest/train/train-options.ts';
import type { TrainingData } from '../../src/forest/train/training-data.ts';
import { below, pick, randomFrom } from './random.ts';

type Source = () => number;

/** Columns of many kinds: ties, constants, both zeros, neighbouring floats, huge and tiny values. */
function columnSource(random: Source): Source {
  return pick<Source>(random, [
    () => random(),
    () => below(random, 4),
    () => Math.round(random() * 100) / 100,
    () => 7,
    () => pick(random, [0, -0, 5e-324, -5e-324]),
    () => 1 + below(random, 3) * Number.EPSILON,
    () => (random() - 0.5) * 1e300,
  ]);
}

/** Targets of many kinds; with a large offset or a tiny spread rounding decides between splits. */
function targetSource(random: Source): Source {
  return pick<Source>(random, [
    () => random() * 1e5,
    () => below(random, 3),
    () => 42,
    () => pick(random, [0, -0, 1]),
    () => 1e9 + random() * 1e-3,
    () => 0.1 * below(random, 5),
    () => random() * 1e-160,
    () => (random() - 0.5) * 1e140,
  ]);
}

/** Odd training data. Some columns are copies or mirror images of others, so that many splits tie. */
export function randomData(seed: number, rows: number, features: number): TrainingData {
  const random = randomFrom(seed);
  const columns: Float64Array[] = [];
  for (let f = 0; f < features; f++) {
    const source = columnSource(random);
    const fresh = Float64Array.from({ length: rows }, source);
    const earlier = f > 0 ? pick(random, columns) : fresh;
    columns.push(pick(random, [fresh, fresh, fresh, earlier.slice(), earlier.map((value) => -value)]));
  }
  const source = targetSource(random);
  return { columns, target: Float64Array.from({ length: rows }, source) };
}

export function randomOptions(seed: number, features: number): Partial<TrainOptions> {
  const random = randomFrom(seed ^ 0x5eed);
  const treeOptions: TreeOptions = {};
  if (random() < 0.6) treeOptions.maxDepth = pick(random, [0, 1, 2, 3, 6, Infinity]);
  if (random() < 0.6) treeOptions.minNumSamples = pick(random, [0, 1, 2, 5, 10]);
  if (random() < 0.4) treeOptions.gainThreshold = pick(random, [0, 1e-9, 0.5, 100, 1e9, -1]);
  return {
    nEstimators: 1 + below(random, 5),
    maxFeatures: pick(random, [
      1,
      1,
      1 / features,
      0.99 * (1 / features) + 0.01,
      1 + below(random, features),
    ]),
    replacement: random() < 0.3,
    useSampleBagging: random() < 0.7,
    seed: pick(random, [0, 42, -7, 2 ** 31, below(random, 2 ** 32)]),
    treeOptions,
  };
}
