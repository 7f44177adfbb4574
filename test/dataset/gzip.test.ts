import { describe, expect, test } from 'bun:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { gunzipped, gzipped } from '../../src/dataset/gzip.ts';
import { AppError } from '../../src/errors.ts';
import { bytesOf } from '../support/bytes.ts';
import { failure } from '../support/failure.ts';

const TEXT = 'Income,Rent\n'.repeat(50_000);
const ZIPPED = new Uint8Array(gzipSync(TEXT));

const unzip = async (bytes: Uint8Array, pieceBytes?: number) =>
  Buffer.concat(await Array.fromAsync(gunzipped(bytesOf(bytes, pieceBytes), 'rows.csv.gz'))).toString();

describe('gunzipped', () => {
  test('gives what was compressed, in whatever pieces it comes', async () => {
    expect(await unzip(ZIPPED)).toBe(TEXT);
    expect(await unzip(ZIPPED, 7)).toBe(TEXT);
    expect(await unzip(new Uint8Array(gzipSync('')))).toBe('');
  });

  test('takes files that were put behind each other for one', async () => {
    for (const pieceBytes of [1, 11, 65_536])
      expect(
        await unzip(Buffer.concat([gzipSync('a,b\n'), gzipSync('1,2\n'), gzipSync('3,4\n')]), pieceBytes),
      ).toBe('a,b\n1,2\n3,4\n');
  });

  test.each([
    ['cut', ZIPPED.subarray(0, -9), 'its end is missing'],
    ['cut at the last byte', ZIPPED.subarray(0, -1), 'its end is missing'],
    ['cut in its second part', Buffer.concat([ZIPPED, ZIPPED.subarray(0, 30)]), 'its end is missing'],
    ['no gzip', new TextEncoder().encode(TEXT), 'it is not gzip'],
    ['followed by something else', Buffer.concat([ZIPPED, Buffer.from('rest')]), 'it is not gzip'],
    ['empty', new Uint8Array(), 'it is empty'],
    ['changed', ZIPPED.with(ZIPPED.length - 7, 1), 'it is not gzip'],
  ])('refuses one that is %s', async (_, bytes, why) => {
    const said = await failure(unzip(bytes), 'corrupt');
    expect(said).toStartWith('Cannot read rows.csv.gz: ');
    expect(said).toContain(why);
  });

  test('inflates hardly ahead of its reader, and lets go of its source', async () => {
    // A bomb: a gigabyte of nothing.
    const megabyte = gzipSync(new Uint8Array(1_048_576));
    let taken = 0;
    let closed = false;
    const source = async function* () {
      try {
        for (; taken < 1024; taken++) yield megabyte;
      } finally {
        closed = true;
      }
    };
    for await (const _ of gunzipped(source(), 'bomb.csv.gz')) break;
    expect(taken).toBeLessThan(64);
    while (!closed) await Bun.sleep(1);
  });

  test("passes its source's failure on", async () => {
    const source = async function* () {
      yield ZIPPED.subarray(0, 20);
      throw new AppError('unavailable', 'Cannot read the disk.');
    };
    expect(await failure(Array.fromAsync(gunzipped(source(), 'a.csv.gz')), 'unavailable')).toBe(
      'Cannot read the disk.',
    );
  });
});

describe('gzipped', () => {
  test('gives a file without a name or a time, the same each time', async () => {
    const zip = async () => Buffer.concat(await Array.fromAsync(gzipped(bytesOf(TEXT, 1000))));
    const once = await zip();
    expect(gunzipSync(once).toString()).toBe(TEXT);
    expect(await zip()).toEqual(once);
    // Flags, then the time (RFC 1952, 2.3).
    expect([...once.subarray(3, 8)]).toEqual([0, 0, 0, 0, 0]);
  });

  test("passes its source's failure on", async () => {
    const source = async function* () {
      yield new TextEncoder().encode('a');
      throw new AppError('unavailable', 'Cannot read the disk.');
    };
    expect(await failure(Array.fromAsync(gzipped(source())), 'unavailable')).toBe('Cannot read the disk.');
  });
});
