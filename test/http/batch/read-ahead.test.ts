import { describe, expect, test } from 'bun:test';
import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { ReadAhead, type ReadAheadOptions } from '../../../src/http/batch/read-ahead.ts';
import { SpillArea } from '../../../src/http/batch/spill.ts';
import { requireCondition } from '../../support/require-tool.ts';
import { mountSmallDisk } from '../../support/small-disk.ts';

const piece = (length: number, seed = 1) => Uint8Array.from({ length }, (_, i) => (seed * 31 + i * 7) % 251);

/** Gives its pieces one after another, each as soon as it is asked for, and says how far it was read. */
function sourceOf(pieces: readonly Uint8Array[], failure?: Error) {
  const state = { read: 0, returned: false };
  async function* bytes() {
    try {
      for (const one of pieces) {
        state.read++;
        yield one;
      }
      if (failure !== undefined) throw failure;
    } finally {
      state.returned = true;
    }
  }
  return { source: bytes(), state };
}

function readAhead(source: AsyncGenerator<Uint8Array, void, void>, changes: Partial<ReadAheadOptions> = {}) {
  const failures: unknown[] = [];
  const spill = new SpillArea(tmpdir(), 1_000_000);
  const options = {
    spill,
    reservedBytes: 0,
    fullDuplex: true,
    stalledMs: 1,
    onSpillFailure: (error: unknown) => void failures.push(error),
    ...changes,
  };
  return { ahead: new ReadAhead(source, options), spill: options.spill, failures };
}

/** Everything is given back a moment after the end. */
async function untilFree(spill: SpillArea) {
  for (let i = 0; i < 500 && spill.freeBytes !== spill.maxBytes; i++) await sleep(2);
  expect(spill.freeBytes).toBe(spill.maxBytes);
}

const until = async (check: () => boolean) => {
  for (let i = 0; i < 1_000 && !check(); i++) await sleep(2);
  expect(check()).toBeTrue();
};

describe('ReadAhead', () => {
  test('gives the same bytes whenever they are asked for, and all of the disk back', async () => {
    const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 2_000 }), { maxLength: 12 });
    const pauses = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 12, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(pieces, pauses, pauses, fc.boolean(), async (given, readers, senders, fullDuplex) => {
        async function* slow() {
          for (const [i, one] of given.entries()) {
            await sleep(senders[i]);
            yield one;
          }
        }
        const whole = Buffer.concat(given);
        const spill = new SpillArea(tmpdir(), 1_000_000);
        expect(spill.reserve(whole.length)).toBeTrue();
        const { ahead } = readAhead(slow(), { spill, reservedBytes: whole.length, fullDuplex });
        const got: Uint8Array[] = [];
        for await (const bytes of ahead.bytes()) {
          got.push(bytes.slice());
          await sleep(readers[got.length % readers.length]);
        }
        expect(Buffer.concat(got).equals(whole)).toBeTrue();
        await untilFree(spill);
      }),
      { numRuns: 40 },
    );
  });

  test('reads on while nobody asks, on disk, in a file without a name that only its owner may open', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'savings-spill-'));
    const given = Array.from({ length: 40 }, (_, i) => piece(1_000, i));
    const { source, state } = sourceOf(given);
    const { ahead, spill } = readAhead(source, { spill: new SpillArea(directory, 1_000_000) });
    const reader = ahead.bytes();
    const got = [(await reader.next()).value!];
    await until(() => state.returned);
    expect(state.read).toBe(40);
    expect(ahead.spilledBytes).toBe(39_000);
    expect(spill.freeBytes).toBe(1_000_000 - 39_000);
    expect(readdirSync(directory)).toEqual([]);
    const open = readdirSync('/proc/self/fd').filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith(directory);
      } catch {
        return false;
      }
    });
    expect(open).toHaveLength(1);
    expect(statSync(`/proc/self/fd/${open[0]}`).mode & 0o777).toBe(0o600);
    for await (const bytes of reader) got.push(bytes);
    expect(Buffer.concat(got).equals(Buffer.concat(given))).toBeTrue();
    await untilFree(spill);
    await rm(directory, { recursive: true });
  });

  test('does not touch the disk while somebody asks', async () => {
    const { source } = sourceOf([piece(10), piece(20)]);
    const { ahead } = readAhead(source, {
      spill: new SpillArea('/no/such/directory', 100),
      stalledMs: 5_000,
    });
    let length = 0;
    for await (const bytes of ahead.bytes()) length += bytes.length;
    expect([length, ahead.spilledBytes]).toEqual([30, 0]);
  });

  test('reads all of a long body first where the runtime cannot read while its response waits', async () => {
    const { source, state } = sourceOf(Array.from({ length: 8 }, () => piece(50_000)));
    const { ahead } = readAhead(source, { fullDuplex: false, stalledMs: 60_000 });
    const reader = ahead.bytes();
    await reader.next();
    await reader.next();
    expect(state.read).toBe(2);
    await reader.next();
    expect(state.returned).toBeTrue();
    let length = 150_000;
    for await (const bytes of reader) length += bytes.length;
    expect(length).toBe(400_000);
  });

  test('hands a failure on behind the bytes that came before it', async () => {
    const { source, state } = sourceOf([piece(1), piece(2), piece(3)], new Error('gone'));
    const { ahead, spill } = readAhead(source);
    const reader = ahead.bytes();
    let length = (await reader.next()).value!.length;
    await until(() => state.returned);
    length += (await reader.next()).value!.length;
    expect(length).toBe(6);
    await expect(reader.next()).rejects.toThrow('gone');
    await untilFree(spill);
  });

  test('gives everything back when its reader stops early, or never began', async () => {
    const spill = new SpillArea(tmpdir(), 10_000);
    for (const begun of [true, false]) {
      expect(spill.reserve(5_000)).toBeTrue();
      const { source, state } = sourceOf([piece(1_000), piece(1_000), piece(1_000)]);
      const { ahead } = readAhead(source, { spill, reservedBytes: 5_000 });
      if (begun) {
        const reader = ahead.bytes();
        await reader.next();
        await until(() => ahead.spilledBytes === 2_000);
        await reader.return();
        expect(state.returned).toBeTrue();
      } else ahead.close();
      await untilFree(spill);
    }
  });

  test('waits for its reader, and loses nothing, where no more may lie on disk', async () => {
    const given = Array.from({ length: 6 }, (_, i) => piece(1_000, i));
    const { source, state } = sourceOf(given);
    const { ahead, spill, failures } = readAhead(source, { spill: new SpillArea(tmpdir(), 2_500) });
    const reader = ahead.bytes();
    const got = [(await reader.next()).value!];
    await until(() => failures.length === 1);
    expect(state.read).toBe(4);
    expect(String(failures[0])).toContain('2500 bytes');
    for await (const bytes of reader) got.push(bytes);
    expect(Buffer.concat(got).equals(Buffer.concat(given))).toBeTrue();
    expect(failures).toHaveLength(1);
    await untilFree(spill);
  });

  const disk = mountSmallDisk(65_536);
  test.skipIf(!requireCondition('a full disk', disk !== undefined, 'as root, since a small disk is mounted'))(
    'waits for its reader, and loses nothing, when the disk is full',
    async () => {
      const given = Array.from({ length: 12 }, (_, i) => piece(10_000, i));
      const { source } = sourceOf(given);
      const { ahead, spill, failures } = readAhead(source, { spill: new SpillArea(disk!.path, 1_000_000) });
      const reader = ahead.bytes();
      const got = [(await reader.next()).value!];
      await until(() => failures.length === 1);
      expect(failures[0]).toMatchObject({ code: 'ENOSPC' });
      for await (const bytes of reader) got.push(bytes);
      expect(Buffer.concat(got).equals(Buffer.concat(given))).toBeTrue();
      await untilFree(spill);
      disk!.unmount();
    },
  );

  test('writes nothing where no disk is given to it', async () => {
    const { source, state } = sourceOf([piece(1), piece(2)]);
    const { ahead, failures } = readAhead(source, { spill: new SpillArea(tmpdir(), 0) });
    const reader = ahead.bytes();
    await reader.next();
    await sleep(30);
    expect([state.read, failures]).toEqual([1, []]);
    await reader.return();
  });
});
