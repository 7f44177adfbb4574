import { expect, test } from 'bun:test';
import { Random } from '../../../src/dataset/synthetic/random.ts';
import { checkForest, type ForestJson, type LeafJson, type NodeJson } from '../../../src/forest/format.ts';
import { addLeafQuantiles } from '../../../src/forest/train/leaf-quantiles.ts';
import { trainForest } from '../../../src/forest/train/train.ts';

const random = new Random(3);
const ROWS = 800;
const columns = [0, 1, 2].map(() => Float64Array.from({ length: ROWS }, () => random.uniform()));
const target = Float64Array.from({ length: ROWS }, (_, i) => columns[0][i] + random.normal() * columns[1][i]);
const data = { columns, target };

async function grown(minNumSamples: number, maxFeatures = 1): Promise<ForestJson> {
  const options = { nEstimators: 8, maxFeatures, treeOptions: { maxDepth: 8, minNumSamples } };
  return checkForest(JSON.parse(await trainForest(data, options, 'slim')), { features: 3 });
}

/** Each leaf with the rows that come to it, and those of the nodes above it, nearest first. */
function leavesOf(json: ForestJson): { leaf: LeafJson; ways: number[][] }[] {
  const leaves: { leaf: LeafJson; ways: number[][] }[] = [];
  json.baseModel.estimators.forEach(({ root }, tree) => {
    const visit = (node: NodeJson, rows: number[], above: number[][]) => {
      if ('distribution' in node) {
        leaves.push({ leaf: node, ways: [rows, ...above] });
        return;
      }
      const values = columns[json.baseModel.indexes[tree][node.splitColumn]];
      const goesLeft = (row: number) => values[row] < node.splitValue;
      visit(node.left, rows.filter(goesLeft), [rows, ...above]);
      visit(
        node.right,
        rows.filter((row) => !goesLeft(row)),
        [rows, ...above],
      );
    };
    visit(root, [...target.keys()], []);
  });
  return leaves;
}

test.each([
  [40, 1],
  [3, 0.67],
])(
  'each leaf gets the quantiles of its rows, or of the nearest node above with ten (nodes of %d)',
  async (size, features) => {
    const json = await grown(size, features);
    addLeafQuantiles(json, data, [0.05, 0.95]);
    const leaves = leavesOf(json);
    let own = 0;
    for (const { leaf, ways } of leaves) {
      const rows = ways.find((some) => some.length >= 10)!;
      if (rows === ways[0]) own++;
      const sorted = rows.map((row) => target[row]).sort((a, b) => a - b);
      const [low, high] = leaf.quantiles!;
      // As many of them lie below and above as the levels say, but for the two rows that a quantile lies between.
      for (const [value, below] of [
        [low, 0.05],
        [high, 0.95],
      ]) {
        const place = Math.floor((sorted.length - 1) * below);
        const near = 1e-3 * Math.abs(value) + 1e-12;
        expect(Math.abs(value - (sorted[place] + sorted[place + 1]) / 2)).toBeLessThan(near);
      }
    }
    expect(own).toBeGreaterThan(20);
    // Otherwise no leaf had to look above itself.
    if (size === 3) expect(own).toBeLessThan(leaves.length);
  },
);

test('a forest with quantiles passes the checks, and one whose quantiles fall does not', async () => {
  const json = await grown(40);
  addLeafQuantiles(json, data, [0.05, 0.95]);
  checkForest(JSON.parse(JSON.stringify(json)), { features: 3 });
  for (const bad of [[2, 1], [1], [1, 2, 3], [0, Number.NaN], 'x', null]) {
    const copy = structuredClone(json);
    leavesOf(copy)[5].leaf.quantiles = bad as [number, number];
    expect(() => checkForest(copy, { features: 3 })).toThrow('quantiles are not two rising numbers');
  }
});
