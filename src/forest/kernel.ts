import { type Forest, viewsOf } from './forest.ts';

/** Walks trees down to their leaves. What it reads and writes lies in arrays of its own, so that it can own its memory. */
export interface Kernel {
  /** [features + 1] the row for `walkRow`. Its last place is NaN and stays so. */
  readonly row: Float64Array;
  /** [features + 1, tileRows] the rows for `walkTile`, column after column. Its last column is NaN and stays so. */
  readonly tile: Float64Array;
  /** A multiple of 8. */
  readonly tileRows: number;
  /** Where both walks leave their answers. */
  readonly answers: Float64Array;
  /** Every tree's answer for `row`, in `answers` [trees]. */
  walkRow(): void;
  /** One tree's answers for the first `size` rows of `tile`, in `answers` [size]. */
  walkTile(tree: number, size: number): void;
}

/** Rows that go through one tree before the next: they and their answers stay in the nearest cache. */
const TILE_ROWS = 256;

/**
 * The kernel in plain JavaScript, which every other kernel must equal.
 *
 * Eight walks go on side by side: each step waits for memory, and a processor waits for eight as long as for one.
 * The child is computed from the comparison, since a branch there is mispredicted every other time.
 */
export function jsKernel(forest: Forest): Kernel {
  const { trees, roots, depths, features } = forest;
  const { numbers, words } = viewsOf(forest.nodes);
  const deepest = depths.reduce((most, depth) => Math.max(most, depth), 0);
  const row = new Float64Array(features + 1).fill(NaN);
  const tile = new Float64Array((features + 1) * TILE_ROWS).fill(NaN);
  const answers = new Float64Array(Math.max(trees, TILE_ROWS));

  return {
    row,
    tile,
    tileRows: TILE_ROWS,
    answers,
    walkRow() {
      let tree = 0;
      for (; tree + 8 <= trees; tree += 8) {
        let a = roots[tree];
        let b = roots[tree + 1];
        let c = roots[tree + 2];
        let d = roots[tree + 3];
        let e = roots[tree + 4];
        let f = roots[tree + 5];
        let g = roots[tree + 6];
        let h = roots[tree + 7];
        for (let level = 0; level < deepest; level++) {
          a = words[4 * a + 3] + 1 - +(row[words[4 * a + 2]] < numbers[2 * a]);
          b = words[4 * b + 3] + 1 - +(row[words[4 * b + 2]] < numbers[2 * b]);
          c = words[4 * c + 3] + 1 - +(row[words[4 * c + 2]] < numbers[2 * c]);
          d = words[4 * d + 3] + 1 - +(row[words[4 * d + 2]] < numbers[2 * d]);
          e = words[4 * e + 3] + 1 - +(row[words[4 * e + 2]] < numbers[2 * e]);
          f = words[4 * f + 3] + 1 - +(row[words[4 * f + 2]] < numbers[2 * f]);
          g = words[4 * g + 3] + 1 - +(row[words[4 * g + 2]] < numbers[2 * g]);
          h = words[4 * h + 3] + 1 - +(row[words[4 * h + 2]] < numbers[2 * h]);
        }
        answers[tree] = numbers[2 * a];
        answers[tree + 1] = numbers[2 * b];
        answers[tree + 2] = numbers[2 * c];
        answers[tree + 3] = numbers[2 * d];
        answers[tree + 4] = numbers[2 * e];
        answers[tree + 5] = numbers[2 * f];
        answers[tree + 6] = numbers[2 * g];
        answers[tree + 7] = numbers[2 * h];
      }
      for (; tree < trees; tree++) {
        let node = roots[tree];
        while (words[4 * node + 2] < features)
          node = words[4 * node + 3] + 1 - +(row[words[4 * node + 2]] < numbers[2 * node]);
        answers[tree] = numbers[2 * node];
      }
    },
    walkTile(tree, size) {
      const root = roots[tree];
      const depth = depths[tree];
      // Rows beyond `size` are left from before: they are walked too, and their answers never read.
      for (let r = 0; r < size; r += 8) {
        let a = root;
        let b = root;
        let c = root;
        let d = root;
        let e = root;
        let f = root;
        let g = root;
        let h = root;
        for (let level = 0; level < depth; level++) {
          a = words[4 * a + 3] + 1 - +(tile[words[4 * a + 2] * TILE_ROWS + r] < numbers[2 * a]);
          b = words[4 * b + 3] + 1 - +(tile[words[4 * b + 2] * TILE_ROWS + r + 1] < numbers[2 * b]);
          c = words[4 * c + 3] + 1 - +(tile[words[4 * c + 2] * TILE_ROWS + r + 2] < numbers[2 * c]);
          d = words[4 * d + 3] + 1 - +(tile[words[4 * d + 2] * TILE_ROWS + r + 3] < numbers[2 * d]);
          e = words[4 * e + 3] + 1 - +(tile[words[4 * e + 2] * TILE_ROWS + r + 4] < numbers[2 * e]);
          f = words[4 * f + 3] + 1 - +(tile[words[4 * f + 2] * TILE_ROWS + r + 5] < numbers[2 * f]);
          g = words[4 * g + 3] + 1 - +(tile[words[4 * g + 2] * TILE_ROWS + r + 6] < numbers[2 * g]);
          h = words[4 * h + 3] + 1 - +(tile[words[4 * h + 2] * TILE_ROWS + r + 7] < numbers[2 * h]);
        }
        answers[r] = numbers[2 * a];
        answers[r + 1] = numbers[2 * b];
        answers[r + 2] = numbers[2 * c];
        answers[r + 3] = numbers[2 * d];
        answers[r + 4] = numbers[2 * e];
        answers[r + 5] = numbers[2 * f];
        answers[r + 6] = numbers[2 * g];
        answers[r + 7] = numbers[2 * h];
      }
    },
  };
}
