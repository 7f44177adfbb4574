/**
 * How splits are found. `exact`: among all values of a node, as the library finds them. `histogram`: among up to 256 bins
 * a column, which are made once; in a fraction of the time.
 */
export const TRAIN_METHODS = ['exact', 'histogram'] as const;
export type TrainMethod = (typeof TRAIN_METHODS)[number];
