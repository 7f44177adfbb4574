import { expect, test } from 'bun:test';
import { BackOff } from '../../../../tools/cluster/agent/back-off.ts';

test('waits longer each time, up to five minutes, and begins anew after a long run', () => {
  const backOff = new BackOff();
  const waits = Array.from({ length: 8 }, () => backOff.next(1_000));
  expect(waits).toEqual([0, 10, 20, 40, 80, 160, 300, 300]);
  expect(backOff.next(11 * 60_000)).toBe(0);
  expect(backOff.next(1_000)).toBe(10);
});
