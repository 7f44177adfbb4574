import { describe, expect, test } from 'bun:test';
import { withDeadline } from '../src/deadline.ts';

const never = new Promise<never>(() => {});
const failed = (reason: string) => new Error(reason);

describe('withDeadline', () => {
  test('settles as the work does', async () => {
    const deadline = { timeoutMs: 60_000, signal: new AbortController().signal };
    expect(await withDeadline(Promise.resolve(1), deadline, failed)).toBe(1);
    const broken = withDeadline(Promise.reject(new Error('broken')), deadline, failed);
    expect(await broken.catch(String)).toBe('Error: broken');
  });

  test('gives up when the time is over', async () => {
    expect(await withDeadline(never, { timeoutMs: 1 }, failed).catch(String)).toBe('Error: late');
  });

  test('gives up when the signal aborts, also when it has before', async () => {
    const abort = new AbortController();
    const deadline = { timeoutMs: 60_000, signal: abort.signal };
    const work = withDeadline(never, deadline, failed).catch(String);
    abort.abort();
    expect(await work).toBe('Error: aborted');
    expect(await withDeadline(never, deadline, failed).catch(String)).toBe('Error: aborted');
  });

  test('leaves no listener on the signal', async () => {
    const { signal } = new AbortController();
    const held = new Set<unknown>();
    signal.addEventListener = (_: string, listener: unknown) => held.add(listener);
    signal.removeEventListener = (_: string, listener: unknown) => held.delete(listener);
    for (const work of [Promise.resolve(), Promise.reject(new Error('broken'))])
      await withDeadline(work, { timeoutMs: 60_000, signal }, failed).catch(() => {});
    expect(held.size).toBe(0);
  });
});
