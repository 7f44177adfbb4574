import { describe, expect, test } from 'bun:test';
import { accuraciesOf } from '../../src/dataset/accuracy.ts';
import { judge, worstOf } from '../../src/dataset/non-inferiority.ts';
import { scoresOf } from '../../src/dataset/scores.ts';
import { Random } from '../../src/dataset/synthetic/random.ts';

const ROWS = 500;
const random = new Random(3);
const column = (draw: () => number, rows = ROWS) => Float64Array.from({ length: rows }, draw);
const target = column(() => 1e6 + 100 * random.normal());
const near = target.map((value) => value + 10 * random.normal());
const far = target.map((value) => value + 5 + 30 * random.normal());
const whole = column(() => random.integer(1, 3));

describe('accuraciesOf', () => {
  test('the figures are those of scoresOf, with weights too, and lie in their intervals', () => {
    for (const weights of [undefined, whole]) {
      const { rows, accuracies, maeDifferences } = accuraciesOf({ target, weights }, [
        { amount: near },
        { amount: far },
      ])!;
      expect(rows).toBe(ROWS);
      for (const [i, amount] of [near, far].entries()) {
        const expected = scoresOf(amount, target, weights);
        for (const name of ['mae', 'rmse', 'r2'] as const) {
          const { value, low, high } = accuracies[i]![name];
          expect(value).toBeCloseTo(expected[name], 6);
          expect(low).toBeLessThan(value);
          expect(high).toBeGreaterThan(value);
        }
      }
      const difference = accuracies[0]!.mae.value - accuracies[1]!.mae.value;
      expect(maeDifferences[0]!.value).toBeCloseTo(difference, 9);
      expect(accuracies[1]!.bias.low).toBeGreaterThan(0);
      expect(accuracies[0]!.coverage).toBeUndefined();
    }
  });

  test('a weight of n is a row that stands there n times, in the figures; intervals know that it is one', () => {
    const times = [...whole].flatMap((weight, row) => Array<number>(weight).fill(row));
    const repeated = (values: Float64Array) => Float64Array.from(times, (row) => values[row]!);
    const weighted = accuraciesOf({ target, weights: whole }, [{ amount: near }])!;
    const rows = accuraciesOf({ target: repeated(target) }, [{ amount: repeated(near) }])!;
    expect(weighted.accuracies[0]!.mae.value).toBeCloseTo(rows.accuracies[0]!.mae.value, 9);
    const widthOf = ({ accuracies: [first] }: typeof rows) => first!.mae.high - first!.mae.low;
    expect(widthOf(weighted)).toBeGreaterThan(1.2 * widthOf(rows));
    expect(weighted.effectiveRows).toBeLessThan(ROWS);
    expect(rows.effectiveRows).toBeCloseTo(times.length, 6);
  });

  test('coverage and width of intervals, with what rounding may miss', () => {
    const answers = {
      amount: near,
      low: target.map((t, i) => t + (i % 4 === 0 ? 1 : -2)),
      high: target.map((t) => t + 8),
    };
    const [strict] = accuraciesOf({ target }, [answers])!.accuracies;
    expect(strict!.coverage!.value).toBeCloseTo(0.75, 9);
    expect(strict!.width!.value).toBeCloseTo(0.25 * 7 + 0.75 * 10, 6);
    const [slack] = accuraciesOf({ target, slack: 1.5 }, [answers])!.accuracies;
    expect(slack!.coverage).toEqual({ value: 1, low: 1, high: 1 });
  });

  test('no rows have no accuracy', () => {
    expect(accuraciesOf({ target }, [{ amount: near }], [])).toBeUndefined();
  });
});

describe('judge', () => {
  const enough = { rows: 1000, effectiveRows: 1000 };
  test.each([
    [-5, -1, 'better'],
    [-5, 1, 'not worse'],
    [0, 0, 'not worse'],
    [1, 9, 'not worse'],
    [-20, 11, 'cannot tell'],
    [5, 30, 'cannot tell'],
    [11, 30, 'worse'],
  ] as const)('from %d to %d, with a margin of 10, is %s', (low, high, verdict) => {
    const estimate = { value: (low + high) / 2, low, high };
    expect(judge(estimate, 10, enough).verdict).toBe(verdict);
    expect(judge(estimate, 10, { rows: 99, effectiveRows: 99 }).verdict).toBe('cannot tell');
    expect(judge(estimate, 10, { rows: 1000, effectiveRows: 99 }).verdict).toBe('cannot tell');
  });

  test('says how many rows would tell: four times as many halve an interval', () => {
    expect(judge({ value: 0, low: -20, high: 20 }, 10, enough).rowsNeeded).toBe(4000);
    expect(judge({ value: 20, low: 0, high: 40 }, 10, enough).rowsNeeded).toBe(4000);
    expect(judge({ value: 10, low: 0, high: 20 }, 10, enough).rowsNeeded).toBeNull();
    // Few rows of unlike weight need more.
    expect(judge({ value: 0, low: -1, high: 1 }, 10, { rows: 80, effectiveRows: 40 }).rowsNeeded).toBe(200);
    expect(judge({ value: 0, low: -1, high: 1 }, 10, enough).rowsNeeded).toBeUndefined();
  });

  test('the worst of several counts', () => {
    expect(worstOf(['better', 'cannot tell', 'not worse'])).toBe('cannot tell');
    expect(worstOf([])).toBeUndefined();
  });

  /**
   * A model that is exactly as much worse as the margin allows, no more: whatever says 'not worse' errs, and so does
   * 'worse'. The errors' differences are of many shapes, and the rows as few as are ever judged.
   */
  test.each([
    ['normal', () => random.normal()],
    ['skewed', () => Math.exp(random.normal()) - Math.exp(0.5)],
    ['skewed the other way', () => Math.exp(0.5) - Math.exp(random.normal())],
    ['mostly nothing', () => (random.uniform() < 0.05 ? 1 : 0) - 0.05],
  ])(
    'errs in no more than 5 of 100: differences that are %s',
    (_, draw) => {
      const times = 200;
      const rows = 100;
      const wrong = { 'not worse': 0, worse: 0, better: 0, 'cannot tell': 0 };
      for (let time = 0; time < times; time++) {
        const zero = new Float64Array(rows);
        const other = zero.map(() => 50);
        const model = zero.map(() => 50 + 0.5 + draw());
        const weights = time % 2 === 0 ? undefined : zero.map(() => random.between(1, 4));
        const [difference] = accuraciesOf({ target: zero, weights }, [
          { amount: model },
          { amount: other },
        ])!.maeDifferences;
        wrong[judge(difference!, 0.5, { rows, effectiveRows: rows }).verdict]++;
      }
      // Of 200 with 5 % each, more than 20 are an accident of one in two thousand.
      expect(wrong['not worse'] + wrong.better).toBeLessThanOrEqual(20);
      expect(wrong.worse).toBeLessThanOrEqual(20);
      expect(wrong['cannot tell']).toBeGreaterThan(160);
    },
    60_000,
  );
});
