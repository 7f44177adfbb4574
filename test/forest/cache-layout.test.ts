import { expect, test } from 'bun:test';
import { cacheLayout, NO_CHILD } from '../../src/forest/cache-layout.ts';
import { below, randomFrom } from './random.ts';

/** Trees of random shape, breadth first: [nodes] index of the left child, 0 for a leaf. */
function randomTrees(seed: number, trees: number, splits: number) {
  const random = randomFrom(seed);
  const children: number[] = [];
  const roots: number[] = [];
  for (let tree = 0; tree < trees; tree++) {
    let wanted = below(random, splits);
    roots.push(children.length);
    let nodes = children.length + 1;
    while (children.length < nodes) {
      const isSplit = wanted > 0 && (random() < 0.7 || children.length === nodes - 1);
      children.push(isSplit ? nodes : NO_CHILD);
      if (isSplit) {
        nodes += 2;
        wanted--;
      }
    }
  }
  return { children: Int32Array.from(children), roots };
}

test('cacheLayout gives every node a slot of its own, siblings side by side on one cache line', () => {
  for (let seed = 0; seed < 50; seed++) {
    const { children, roots } = randomTrees(seed, 1 + (seed % 7), 40);
    const { slotOf, slots } = cacheLayout(children, roots);
    expect(new Set(slotOf).size).toBe(children.length);
    expect(Math.max(...slotOf)).toBeLessThan(slots);
    for (const child of children) {
      if (child === NO_CHILD) continue;
      expect(slotOf[child] % 2).toBe(0);
      expect(slotOf[child + 1]).toBe(slotOf[child] + 1);
    }
  }
});

test('cacheLayout puts the heavier pair of grandchildren on the line of its parents', () => {
  // A root (0) with children 1 and 2; below 2 hang 3 and 4, below 4 hang 5 and 6; below 1 hang 7 and 8.
  const children = Int32Array.of(1, 7, 3, 0, 5, 0, 0, 0, 0);
  const { slotOf } = cacheLayout(children, [0]);
  expect(Math.floor(slotOf[3] / 4)).toBe(Math.floor(slotOf[1] / 4));
  expect(Math.floor(slotOf[7] / 4)).not.toBe(Math.floor(slotOf[1] / 4));
});

test('cacheLayout leaves few slots empty', () => {
  const { children, roots } = randomTrees(3, 20, 300);
  expect(cacheLayout(children, roots).slots).toBeLessThan(children.length * 1.01 + 8);
});
