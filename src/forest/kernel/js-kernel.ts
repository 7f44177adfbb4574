import { type Forest, viewsOf } from '../forest.ts';
import { type Kernel, LANES, TILE_ROWS } from './kernel.ts';

/**
 * The kernel in plain JavaScript, which the other one must equal. The lanes are written out, since only variables stay
 * in registers; the child is computed from the comparison, since a branch there is mispredicted every other time.
 */
export function jsKernel(forest: Forest): Kernel {
  const { trees, roots, depths, features } = forest;
  const { numbers, words } = viewsOf(forest.nodes);
  const deepest = depths.reduce((most, depth) => Math.max(most, depth), 0);
  const groupLength = (features + 1) * LANES;
  const tile = new Float64Array((TILE_ROWS / LANES) * groupLength).fill(NaN);
  const answers = new Float64Array(Math.max(trees, TILE_ROWS));

  return {
    name: 'js',
    tile,
    answers,
    walkFirstRow() {
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
          a = words[4 * a + 3] - +(tile[8 * words[4 * a + 2]] < numbers[2 * a]);
          b = words[4 * b + 3] - +(tile[8 * words[4 * b + 2]] < numbers[2 * b]);
          c = words[4 * c + 3] - +(tile[8 * words[4 * c + 2]] < numbers[2 * c]);
          d = words[4 * d + 3] - +(tile[8 * words[4 * d + 2]] < numbers[2 * d]);
          e = words[4 * e + 3] - +(tile[8 * words[4 * e + 2]] < numbers[2 * e]);
          f = words[4 * f + 3] - +(tile[8 * words[4 * f + 2]] < numbers[2 * f]);
          g = words[4 * g + 3] - +(tile[8 * words[4 * g + 2]] < numbers[2 * g]);
          h = words[4 * h + 3] - +(tile[8 * words[4 * h + 2]] < numbers[2 * h]);
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
          node = words[4 * node + 3] - +(tile[8 * words[4 * node + 2]] < numbers[2 * node]);
        answers[tree] = numbers[2 * node];
      }
    },
    walkTile(tree, size) {
      const root = roots[tree];
      const depth = depths[tree];
      // Rows beyond `size` are left from before: they are walked too, and their answers never read.
      for (let r = 0, group = 0; r < size; r += LANES, group += groupLength) {
        let a = root;
        let b = root;
        let c = root;
        let d = root;
        let e = root;
        let f = root;
        let g = root;
        let h = root;
        for (let level = 0; level < depth; level++) {
          a = words[4 * a + 3] - +(tile[8 * words[4 * a + 2] + group] < numbers[2 * a]);
          b = words[4 * b + 3] - +(tile[8 * words[4 * b + 2] + group + 1] < numbers[2 * b]);
          c = words[4 * c + 3] - +(tile[8 * words[4 * c + 2] + group + 2] < numbers[2 * c]);
          d = words[4 * d + 3] - +(tile[8 * words[4 * d + 2] + group + 3] < numbers[2 * d]);
          e = words[4 * e + 3] - +(tile[8 * words[4 * e + 2] + group + 4] < numbers[2 * e]);
          f = words[4 * f + 3] - +(tile[8 * words[4 * f + 2] + group + 5] < numbers[2 * f]);
          g = words[4 * g + 3] - +(tile[8 * words[4 * g + 2] + group + 6] < numbers[2 * g]);
          h = words[4 * h + 3] - +(tile[8 * words[4 * h + 2] + group + 7] < numbers[2 * h]);
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
