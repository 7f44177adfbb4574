import { afterEach, beforeEach, expect, jest, test } from 'bun:test';
import { withinDeadline } from '../../src/http/body-deadline.ts';
import { BodyTimeoutError } from '../../src/http/errors.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const never = () => new Promise<never>(() => {});

/** What became of it so far. */
function watched(promise: Promise<unknown>) {
  const state = { outcome: 'open' as unknown };
  promise.then(
    (value) => {
      state.outcome = value;
    },
    (error) => {
      state.outcome = error;
    },
  );
  return state;
}

async function pass(seconds: number): Promise<void> {
  for (let i = 0; i < seconds; i++) {
    jest.advanceTimersByTime(1_000);
    await Promise.resolve();
    await Promise.resolve();
  }
}

test('what is slow to come is given up half a minute after it began, to the second', async () => {
  const first = watched(withinDeadline(never()));
  await pass(10);
  const second = watched(withinDeadline(never()));
  await pass(20);
  expect([first.outcome, second.outcome]).toEqual(['open', 'open']);
  await pass(1);
  expect(first.outcome).toBeInstanceOf(BodyTimeoutError);
  expect(second.outcome).toBe('open');
  await pass(10);
  expect(second.outcome).toBeInstanceOf(BodyTimeoutError);
});

test('what comes in time is handed on, and so is what fails; then no clock ticks', async () => {
  const broken = new Error('cut');
  const came = withinDeadline(Promise.resolve('body'));
  const failed = withinDeadline(Promise.reject(broken));
  expect(await came).toBe('body');
  expect(await failed.catch((error) => error)).toBe(broken);
  await pass(1);
  expect(jest.getTimerCount()).toBe(0);
});
