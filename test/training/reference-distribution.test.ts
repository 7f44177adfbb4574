import { describe, expect, test } from 'bun:test';
import { Random } from '../../src/dataset/synthetic/random.ts';
import { referenceDistributionOf } from '../../src/training/reference-distribution.ts';

/** Bins of one feature with these values. */
function binsOf(values: number[], choices?: string[]) {
  const examples = {
    rows: values.length,
    inputs: Float64Array.from(values),
    target: new Float64Array(values.length),
  };
  const { features } = referenceDistributionOf(
    [choices ? { name: 'x', choices } : { name: 'x' }],
    examples,
    false,
  );
  return features[0];
}

describe('referenceDistributionOf', () => {
  test('cuts a continuous feature into ten bins of equal shares', () => {
    const random = new Random(1);
    const { edges, shares } = binsOf(Array.from({ length: 5000 }, () => random.normal()));
    expect(edges).toHaveLength(9);
    for (const share of shares) expect(share).toBeCloseTo(0.1, 6);
  });

  test('gives each of a few whole numbers a bin of its own', () => {
    const { edges, shares } = binsOf(Array.from({ length: 1000 }, (_, i) => i % 5));
    expect(edges).toEqual([1, 2, 3, 4]);
    expect(shares).toEqual([0.2, 0.2, 0.2, 0.2, 0.2]);
  });

  test('gives "none" a bin of its own, and the rest bins of equal shares', () => {
    const { edges, shares } = binsOf(Array.from({ length: 1000 }, (_, i) => Math.max(0, i - 599)));
    expect(edges).toEqual([1, 101, 201, 301]);
    expect(shares).toEqual([0.6, 0.1, 0.1, 0.1, 0.1]);
  });

  test('has one bin for a constant, and one a choice', () => {
    expect(binsOf([7, 7, 7])).toEqual({ feature: 'x', edges: [], shares: [1] });
    expect(binsOf([0, 2, 2, 2], ['a', 'b', 'c']).shares).toEqual([0.25, 0, 0.75]);
  });

  test('takes its columns from their places', () => {
    const examples = { rows: 2, inputs: Float64Array.from([1, 5, 1, 9]), target: new Float64Array(2) };
    const [first, second] = referenceDistributionOf([{ name: 'a' }, { name: 'b' }], examples, false).features;
    expect(first.edges).toEqual([]);
    expect(second.edges).toEqual([9]);
  });
});
