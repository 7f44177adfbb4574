import { RandomForestRegression } from 'ml-random-forest';
import type { ForestJson } from './format.ts';

/** The library's own forest: what every faster evaluator here must equal, bit for bit. */
export interface LibraryForest {
  /** One prediction for each row of `features` numbers. Recursive and slow; rows are not checked. */
  predict(rows: number[][]): number[];
}

/**
 * Loads a checked forest with ml-random-forest itself, which golden replays and parity tests compare with.
 * The library keeps no node annotations: `mean` and `count` are lost here, which is why `flatten` reads the JSON.
 */
export function loadLibraryForest(json: ForestJson): LibraryForest {
  // The library's declarations ask for its classes where its loader takes plain JSON.
  return RandomForestRegression.load(json as never);
}
