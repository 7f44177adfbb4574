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
  const scratch = { goesRight: new Int32Array(target.length), sorted: new Float64Array(target.length) };

  for (const [tree, { root }] of estimators.entries()) {
    const ownColumns = indexes[tree].map((column) => columns[column]);
    const rows = Int32Array.from(target, (_, row) => row);
    /** Nodes to come, each with its rows, `from` to `to` (exclusive) of `rows`, and the quantiles to fall back on. */
    const open: { node: NodeJson; from: number; to: number; above: [number, number] }[] = [
      { node: root, from: 0, to: rows.length, above: quantilesOf(target, rows, scratch.sorted, levels) },
    ];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { node, from, to, above } = next;
      const own = rows.subarray(from, to);
      if ('distribution' in node) {
        (node as LeafJson).quantiles =
          own.length < LEAST_ROWS ? above : quantilesOf(target, own, scratch.sorted, levels);
        continue;
      }
      const values = ownColumns[node.splitColumn];
      const middle = from + partition(own, (row) => values[row] < node.splitValue, scratch.goesRight);
      const needed = Math.min(middle - from, to - middle) < LEAST_ROWS && own.length >= LEAST_ROWS;
      const passed = needed ? quantilesOf(target, own, scratch.sorted, levels) : above;
      open.push({ node: node.left, from, to: middle, above: passed });
      open.push({ node: node.right, from: middle, to, above: passed });
    }
  }
}

/** Puts those that go left first, and returns how many they are. */
function partition(rows: Int32Array, goesLeft: (row: number) => boolean, goesRight: Int32Array): number {
  let left = 0;
  let right = 0;
  for (const row of rows) {
    if (goesLeft(row)) rows[left++] = row;
    else goesRight[right++] = row;
  }
  rows.set(goesRight.subarray(0, right), left);
  return left;
}

function quantilesOf(
  target: Float64Array,
  rows: Int32Array,
  scratch: Float64Array,
  levels: readonly [number, number],
): [number, number] {
  const sorted = scratch.subarray(0, rows.length);
  for (let i = 0; i < rows.length; i++) sorted[i] = target[rows[i]];
  sorted.sort();
  return levels.map((level) => Number(quantile(sorted, level).toPrecision(DIGITS))) as [number, number];
}

/**
 * The middle of the two values between which the quantile lies, so that it is never one row's own; with the next one above
 * where it is a value itself.
 */
function quantile(sorted: Float64Array, level: number): number {
  const below = Math.min(Math.floor((sorted.length - 1) * level), Math.max(0, sorted.length - 2));
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) / 2;
}
