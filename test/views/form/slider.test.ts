import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Feature } from '../../../src/model/manifest.ts';
import { SAVINGS } from '../../../src/training/savings.ts';
import { sliderPosition, sliderScale } from '../../../src/views/form/slider.ts';

const trained = { min: 40, max: 260_087 };
const rent = { kind: 'number', min: 0, max: 10_000_000, step: 1, trained } as Feature;
const age = { kind: 'integer', min: 18, max: 100, trained: { min: 18, max: 64 } } as Feature;

describe('the slider of an input', () => {
  test('has a position for each of a few whole numbers', () => {
    const scale = sliderScale(age);
    expect(scale).toEqual({ low: 18, high: 100, power: 1, positions: 82 });
    expect([18, 35, 100].map((value) => sliderPosition(scale, value))).toEqual([0, 17, 82]);
  });

  test('ends a little above what the model was trained on', () => {
    const { low, high } = sliderScale(rent);
    expect(low).toBe(0);
    expect(high).toBe(300_000);
  });

  test('gives small amounts most of the room', () => {
    const scale = sliderScale(rent);
    expect(sliderPosition(scale, 10_000)).toBeGreaterThan(scale.positions * 0.3);
  });

  test('never goes down when the value goes up, and is at its end beyond it', () => {
    const scale = sliderScale(rent);
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e7, noNaN: true }),
        fc.double({ min: 0, max: 1e7, noNaN: true }),
        (a, b) => {
          const [low, high] = [sliderPosition(scale, Math.min(a, b)), sliderPosition(scale, Math.max(a, b))];
          expect(low).toBeLessThanOrEqual(high);
          expect(low).toBeGreaterThanOrEqual(0);
          expect(high).toBeLessThanOrEqual(scale.positions);
        },
      ),
    );
    expect(sliderPosition(scale, 1e7)).toBe(scale.positions);
  });

  test('is at its start for what is no number', () => {
    expect(sliderPosition(sliderScale(rent), Number.NaN)).toBe(0);
  });

  test('fits every input of the savings model', () => {
    for (const feature of SAVINGS.features) {
      const scale = sliderScale({ ...feature, trained: { min: 1, max: 800_000 } });
      expect(scale.high).toBeGreaterThan(scale.low);
      expect(scale.high).toBeLessThanOrEqual(feature.max);
      const usual = sliderPosition(scale, Number(feature.default));
      expect(usual).toBeLessThan(scale.positions);
    }
  });
});
