import { describe, expect, test } from 'bun:test';
import { ExamplesBuilder, inputsOf, splitExamples, takeExamples } from '../../src/dataset/examples.ts';
import { Random } from '../../src/dataset/synthetic/random.ts';

function numbered(rows: number) {
  const builder = new ExamplesBuilder(2, 1);
  for (let row = 0; row < rows; row++) builder.add([row, -row], row * 10);
  return builder.finish();
}

describe('ExamplesBuilder', () => {
  test('keeps every row in order, however many there turn out to be', () => {
    const examples = numbered(3000);
    expect(examples.rows).toBe(3000);
    expect(examples.inputs).toHaveLength(6000);
    expect([examples.inputs[5998], examples.inputs[5999], examples.target[2999]]).toEqual([
      2999, -2999, 29_990,
    ]);
  });

  test('makes examples without rows', () => {
    expect(new ExamplesBuilder(2).finish()).toEqual({
      rows: 0,
      inputs: new Float64Array(0),
      target: new Float64Array(0),
    });
  });
});

describe('inputsOf', () => {
  test('names the numbers, and gives a choice back its word', () => {
    const features = [{ name: 'income' }, { name: 'city', choices: ['small', 'large'] }];
    expect(inputsOf(features, { inputs: Float64Array.from([5, 0, 6, 1]) }, 1)).toEqual({
      income: 6,
      city: 'large',
    });
  });
});

describe('takeExamples', () => {
  test('takes rows in the order asked for, more than once if asked', () => {
    const { target, inputs } = takeExamples(numbered(5), Int32Array.from([4, 0, 4]));
    expect([...target]).toEqual([40, 0, 40]);
    expect([...inputs]).toEqual([4, -4, 0, -0, 4, -4]);
  });
});

describe('splitExamples', () => {
  test('deals each row into exactly one part of the size asked for', () => {
    const parts = splitExamples(numbered(1000), [0.2, 0.1], new Random(1));
    expect(parts.map(({ rows }) => rows)).toEqual([700, 200, 100]);
    const dealt = parts.flatMap(({ target }) => [...target]).sort((a, b) => a - b);
    expect(dealt).toEqual([...numbered(1000).target]);
  });

  test('deals at random, as the seed says', () => {
    const first = (seed: number) => [
      ...splitExamples(numbered(1000), [0.2], new Random(seed))[1].target.slice(0, 8),
    ];
    expect(first(1)).toEqual(first(1));
    expect(first(1)).not.toEqual(first(2));
    expect(first(1)).not.toEqual(first(1).toSorted((a, b) => a - b));
  });
});
