import type { ForestJson, LeafJson, NodeJson } from '../format.ts';
import type { TrainingData } from './training-data.ts';

/** Fewer rows say too little of a leaf: then its quantiles are those of the nearest node above it that has so many. */
const LEAST_ROWS = 10;
/** More digits would say nothing: the quantiles are estimates, and what uses them is calibrated with these very digits. */
const DIGITS = 4;

/**
 * Writes into each leaf a lower and an upper quantile of the targets of the rows that come to it. Their means over the
 * trees are the forest's quantiles for a row: after Meinshausen, "Quantile regression forests", JMLR 7, 2006, who pools
 * the leaves' rows in place of their quantiles. See docs/decisions/0041-intervals-from-the-leaves.md for why.
 *
 * @param json is changed
 * @param data checked rows: those that the forest learned from, or others of their kind
 * @param levels from 0 to 1, rising
 */
export function addLeafQuantiles(
  json: ForestJson,
  { columns, target }: TrainingData,
  levels: readonly [low: number, high: number],
): void {
  const { estimators, indexes } = json.baseModel;
  const goesRight = new Int32Array(target.length);
  // Sorted once: each node's rows stay in this order.
  const byTarget = Int32Array.from(target, (_, row) => row).sort((a, b) => target[a] - target[b]);
  const rows = new Int32Array(target.length);

  for (const [tree, { root }] of estimators.entries()) {
    const ownColumns = indexes[tree].map((column) => columns[column]);
    rows.set(byTarget);
    /** Nodes to come, each with its rows, `from` to `to` (exclusive) of `rows`, and the quantiles to fall back on. */
    const open: { node: NodeJson; from: number; to: number; above: [number, number] }[] = [
      { node: root, from: 0, to: rows.length, above: quantilesOf(target, rows, levels) },
    ];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { node, from, to, above } = next;
      const own = rows.subarray(from, to);
      if ('distribution' in node) {
        (node as LeafJson).quantiles = own.length < LEAST_ROWS ? above : quantilesOf(target, own, levels);
        continue;
      }
      // Before the rows are parted, which ends their order.
      const whole = levels.map((level) => quantile(target, own, level));
      const values = ownColumns[node.splitColumn];
      const middle = from + partition(own, values, node.splitValue, goesRight);
      const needed = Math.min(middle - from, to - middle) < LEAST_ROWS && own.length >= LEAST_ROWS;
      const passed = needed ? rounded(whole) : above;
      open.push({ node: node.left, from, to: middle, above: passed });
      open.push({ node: node.right, from: middle, to, above: passed });
    }
  }
}

/** Puts those that go left first, both halves in their order, and returns how many they are. */
function partition(rows: Int32Array, values: Float64Array, below: number, goesRight: Int32Array): number {
  let left = 0;
  let right = 0;
  for (let i = 0; i < rows.length; i++) {
    // Written to both, and kept in one: a branch would be guessed wrong for half of the rows.
    const row = rows[i];
    const isLeft = values[row] < below ? 1 : 0;
    rows[left] = goesRight[right] = row;
    left += isLeft;
    right += 1 - isLeft;
  }
  rows.set(goesRight.subarray(0, right), left);
  return left;
}

/** @param rows by target */
function quantilesOf(
  target: Float64Array,
  rows: Int32Array,
  levels: readonly [number, number],
): [number, number] {
  return rounded(levels.map((level) => quantile(target, rows, level)));
}

function rounded(quantiles: number[]): [number, number] {
  return quantiles.map((value) => Number(value.toPrecision(DIGITS))) as [number, number];
}

/**
 * The middle of the two values between which the quantile lies, so that it is never one row's own; with the next one above
 * where it is a value itself.
 */
function quantile(target: Float64Array, rows: Int32Array, level: number): number {
  const at = Math.min(Math.floor((rows.length - 1) * level), Math.max(0, rows.length - 2));
  const below = target[rows[at]];
  const above = target[rows[Math.min(at + 1, rows.length - 1)]];
  return below + (above - below) / 2;
}
