import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { TRAIN_METHODS, type TrainMethod } from './train-method.ts';

export interface TreeOptions {
  /** Levels below the root; no bound when left out. */
  maxDepth?: number;
  /** A node of at most this many rows is not split (the library's meaning: a node's size, not a leaf's); 3. */
  minNumSamples?: number;
  /**
   * A split is kept only when its squared error stays above this; 0, so perfect splits are refused. Of the exact method alone.
   */
  gainThreshold?: number;
}

/** The options of ml-random-forest's `RandomForestRegression`, by the library's names and with its meanings, and two more. */
export interface TrainOptions {
  nEstimators: number;
  /** From 0 to 1 a share of the columns (1 is all of them); above 1 how many. Each tree draws its own. */
  maxFeatures: number;
  /** Whether one tree may draw a column twice. */
  replacement: boolean;
  /** Whether each tree learns from as many rows drawn with repetition, or from all rows as they are. */
  useSampleBagging: boolean;
  /** The library knows `median` too, which nothing here predicts or explains. */
  selectionMethod: 'mean';
  /** An integer; the same seed, options and rows give the same bytes. */
  seed: number;
  treeOptions: TreeOptions;
  /** Rows of a tree's sample that each leaf holds at least. The library has no such option: with 1, its forests. */
  minSamplesLeaf: number;
  /** The library's own is exact. */
  method: TrainMethod;
}

/** The library's own defaults. */
const DEFAULT_TRAIN_OPTIONS: TrainOptions = {
  nEstimators: 50,
  maxFeatures: 1,
  replacement: false,
  useSampleBagging: true,
  selectionMethod: 'mean',
  seed: 42,
  treeOptions: {},
  minSamplesLeaf: 1,
  method: 'exact',
};

const wholeFrom = (least: number) => z.int().min(least);

const schema = z.strictObject({
  nEstimators: wholeFrom(1),
  maxFeatures: z.number().positive(),
  replacement: z.boolean(),
  useSampleBagging: z.boolean(),
  selectionMethod: z.literal('mean'),
  seed: z.int(),
  // Where a key is present but undefined the library would forget its default, and split nothing.
  treeOptions: z.strictObject({
    maxDepth: z.union([wholeFrom(0), z.literal(Number.POSITIVE_INFINITY)]).exactOptional(),
    minNumSamples: wholeFrom(0).exactOptional(),
    gainThreshold: z.number().exactOptional(),
  }),
  minSamplesLeaf: wholeFrom(1),
  method: z.enum(TRAIN_METHODS),
});

/**
 * Fills in the library's defaults.
 * @throws AppError `invalid` naming the option that makes no sense for so many columns.
 */
export function checkTrainOptions(options: Partial<TrainOptions>, features: number): TrainOptions {
  const whole = { ...DEFAULT_TRAIN_OPTIONS, ...options };
  const parsed = schema.safeParse(whole);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new AppError('invalid', `Cannot train: option ${issue?.path.join('.')}: ${issue?.message}.`);
  }
  const columns = columnsPerTree(whole.maxFeatures, features);
  if (!Number.isInteger(columns) || columns < 1 || columns > features)
    throw new AppError(
      'invalid',
      `Cannot train: option maxFeatures must be a share of the ${features} columns that is at least one, or how many.`,
    );
  // Not the parsed copy: the order of the keys of treeOptions shows in the library's JSON.
  return whole;
}

/** How many columns each tree draws. */
export function columnsPerTree(maxFeatures: number, features: number): number {
  return maxFeatures <= 1 ? Math.floor(features * maxFeatures) : maxFeatures;
}
