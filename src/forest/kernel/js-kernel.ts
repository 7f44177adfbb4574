import { type Forest, NODE_BYTES, viewsOf } from '../forest.ts';
import { type Kernel, LANES, TILE_ROWS, tileIndex } from './kernel.ts';

/** The kernel in plain JavaScript, which the other one must equal. */
export function jsKernel(forest: Forest): Kernel {
  const { trees, roots, depths, features } = forest;
  const { numbers, words } = viewsOf(forest.nodes);
  const tile = new Float64Array((TILE_ROWS / LANES) * (features + 1) * LANES).fill(NaN);
  const outputs = new Float64Array(Math.max(trees, TILE_ROWS));
  const leaves = forest.quantiles && new Int32Array(outputs.length);

  return {
    name: 'js',
    tile,
    outputs,
    leaves,
    walkFirstRow: () => walkFirstRow(numbers, words, roots, depths, tile, outputs, leaves),
    walkTile: (tree, size) => {
      walkTile(numbers, words, roots[tree], depths[tree], tile, features, outputs, leaves, size);
    },
  };
}

// Four walks go on side by side, written out as variables: eight, which WebAssembly takes, would not fit the registers
// beside the arrays and their lengths. The arrays are parameters, since variables of an enclosing function are read
// anew at every step. The child is computed from the comparison, since a branch is mispredicted every other time.

function walkFirstRow(
  numbers: Float64Array,
  words: Int32Array,
  roots: Int32Array,
  depths: Int32Array,
  tile: Float64Array,
  outputs: Float64Array,
  leaves: Int32Array | null,
): void {
  const trees = roots.length;
  let tree = 0;
  for (; tree + 4 <= trees; tree += 4) {
    const levels = Math.max(depths[tree], depths[tree + 1], depths[tree + 2], depths[tree + 3]);
    let a = roots[tree];
    let b = roots[tree + 1];
    let c = roots[tree + 2];
    let d = roots[tree + 3];
    for (let level = 0; level < levels; level++) {
      a = words[4 * a + 3] - +(tile[LANES * words[4 * a + 2]] < numbers[2 * a]);
      b = words[4 * b + 3] - +(tile[LANES * words[4 * b + 2]] < numbers[2 * b]);
      c = words[4 * c + 3] - +(tile[LANES * words[4 * c + 2]] < numbers[2 * c]);
      d = words[4 * d + 3] - +(tile[LANES * words[4 * d + 2]] < numbers[2 * d]);
    }
    outputs[tree] = numbers[2 * a];
    outputs[tree + 1] = numbers[2 * b];
    outputs[tree + 2] = numbers[2 * c];
    outputs[tree + 3] = numbers[2 * d];
    if (leaves !== null) keepLeaves(leaves, tree, a, b, c, d);
  }
  for (; tree < trees; tree++) {
    let node = roots[tree];
    for (let level = 0; level < depths[tree]; level++)
      node = words[4 * node + 3] - +(tile[LANES * words[4 * node + 2]] < numbers[2 * node]);
    outputs[tree] = numbers[2 * node];
    if (leaves !== null) leaves[tree] = node * NODE_BYTES;
  }
}

/** Rows beyond `size` are left from before: up to three of them are walked too, and their outputs never read. */
function walkTile(
  numbers: Float64Array,
  words: Int32Array,
  root: number,
  depth: number,
  tile: Float64Array,
  features: number,
  outputs: Float64Array,
  leaves: Int32Array | null,
  size: number,
): void {
  for (let r = 0; r < size; r += 4) {
    const row = tileIndex(r, 0, features);
    let a = root;
    let b = root;
    let c = root;
    let d = root;
    for (let level = 0; level < depth; level++) {
      a = words[4 * a + 3] - +(tile[row + LANES * words[4 * a + 2]] < numbers[2 * a]);
      b = words[4 * b + 3] - +(tile[row + LANES * words[4 * b + 2] + 1] < numbers[2 * b]);
      c = words[4 * c + 3] - +(tile[row + LANES * words[4 * c + 2] + 2] < numbers[2 * c]);
      d = words[4 * d + 3] - +(tile[row + LANES * words[4 * d + 2] + 3] < numbers[2 * d]);
    }
    outputs[r] = numbers[2 * a];
    outputs[r + 1] = numbers[2 * b];
    outputs[r + 2] = numbers[2 * c];
    outputs[r + 3] = numbers[2 * d];
    if (leaves !== null) keepLeaves(leaves, r, a, b, c, d);
  }
}

function keepLeaves(leaves: Int32Array, at: number, a: number, b: number, c: number, d: number): void {
  leaves[at] = a * NODE_BYTES;
  leaves[at + 1] = b * NODE_BYTES;
  leaves[at + 2] = c * NODE_BYTES;
  leaves[at + 3] = d * NODE_BYTES;
}
