/** Walks side by side: each step waits for memory, and a processor waits for eight as long as for one. */
export const LANES = 8;

/**
 * Rows that go through one tree before the next tree is fetched. On a large forest many are better; the tile itself is
 * read in order, so it need not fit the nearest cache.
 */
export const TILE_ROWS = 4096;

/**
 * Walks trees down to their leaves. The arrays that it reads and writes are its own, so that it can choose the memory
 * that they lie in.
 */
export interface Kernel {
  readonly name: 'js' | 'wasm';
  /**
   * [TILE_ROWS / LANES, features + 1, LANES] the rows to walk, so that all that one group of eight needs lies within a
   * kilobyte or so; `tileIndex` finds a place. The column `features` is NaN and stays so.
   */
  readonly tile: Float64Array;
  /** Where both walks leave their outputs. */
  readonly outputs: Float64Array;
  /** Where both walks leave the leaves that they came to, as bytes from the start of the forest's nodes; null where it has no quantiles. */
  readonly leaves: Int32Array | null;
  /** Every tree's output for the first row of `tile`, in `outputs` [trees]. */
  walkFirstRow(): void;
  /** One tree's outputs for the first `size` rows of `tile`, in `outputs` [size]. */
  walkTile(tree: number, size: number): void;
}

/** Where a tile holds a row's value in a column. */
export function tileIndex(row: number, column: number, features: number): number {
  return ((row >> 3) * (features + 1) + column) * LANES + (row & 7);
}
