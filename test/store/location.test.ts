import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import { mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { bytesOf, type Location, openLocation } from '../../src/store/location.ts';
import { startFaultyProxy } from '../support/faulty-proxy.ts';
import { requireTool } from '../support/require-tool.ts';
import { S3_START_MS, type S3Server, s3Server } from '../support/s3-server.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const OPTIONS = { maxBytes: 100, timeoutMs: 10_000 };

async function* each(...pieces: Uint8Array[]) {
  yield* pieces;
}

async function* failing(...pieces: Uint8Array[]) {
  yield* pieces;
  throw new Error('no more');
}

async function whole(location: Location, path: string, start?: number, end?: number): Promise<Buffer> {
  const file = (await location.list()).find((found) => found.path === path);
  if (!file) throw new Error(`${path} is not there`);
  return Buffer.concat(await Array.fromAsync(bytesOf(location, file, start, end)));
}

/** Bytes whose value says where they stand. */
const pattern = (length: number) => Uint8Array.from({ length }, (_, i) => (i ^ (i >> 8) ^ (i >> 16)) & 255);

/** What every kind of location does. @param open an empty one */
function locationContract(open: () => Promise<Location>) {
  test('lists its files, sorted, without what is hidden', async () => {
    const location = await open();
    const paths = ['b.csv', 'a/2.csv', 'a/1.csv', 'a.csv', 'year=2026/größe 1.csv'];
    const hidden = ['.hidden', '_run.json', '_temporary/part-0', 'a/.x/y', 'a/_y'];
    for (const path of [...paths, ...hidden]) await location.put(path, each(encode(path)));
    const files = await location.list();
    expect(files.map(({ path }) => path)).toEqual([...paths].sort());
    expect(files.map(({ size }) => size)).toEqual([...paths].sort().map((path) => encode(path).length));
    expect(new Set(files.map(({ etag }) => etag)).size).toBeGreaterThan(1);
  });

  test('reads any range of a file', async () => {
    const location = await open();
    const bytes = pattern(10_000_000);
    await location.put('large', each(bytes.subarray(0, 3), bytes.subarray(3)));
    expect((await whole(location, 'large')).equals(bytes)).toBe(true);
    expect(
      (await whole(location, 'large', 4_194_300, 9_000_001)).equals(bytes.subarray(4_194_300, 9_000_001)),
    ).toBe(true);
    expect((await whole(location, 'large', 5, 5)).length).toBe(0);
  });

  test('does not read what has changed since it was listed', async () => {
    const location = await open();
    await location.put('file', each(encode('first')));
    const [file] = await location.list();
    await location.put('file', each(encode('other!')));
    await expect(location.readRange(file!, 0, 5)).rejects.toThrow(
      expect.objectContaining({
        code: 'conflict',
        message: expect.stringContaining('changed since it was listed'),
      }),
    );
  });

  test.each([0, 1, 20_000_000])('writes %p bytes in place of what was there', async (length) => {
    const location = await open();
    await location.put('file', each(encode('old')));
    const bytes = pattern(length);
    const pieces = Array.from({ length: Math.ceil(length / 777_777) }, (_, i) =>
      bytes.subarray(i * 777_777, (i + 1) * 777_777),
    );
    await location.put('file', each(...pieces));
    expect((await whole(location, 'file')).equals(bytes)).toBe(true);
  });

  test.each([1, 20_000_000])('leaves what was there when its source fails after %p bytes', async (length) => {
    const location = await open();
    await location.put('file', each(encode('old')));
    await expect(location.put('file', failing(pattern(length)))).rejects.toThrow('no more');
    expect((await whole(location, 'file')).toString()).toBe('old');
  });

  test('is a store for small objects', async () => {
    const { store } = await open();
    await store.putIfAbsent('_run.json', encode('1'));
    await expect(store.putIfAbsent('_run.json', encode('2'))).rejects.toThrow('already there');
    expect(Buffer.from((await store.get('_run.json', OPTIONS)).bytes).toString()).toBe('1');
  });
}

const root = await mkdtemp(join(tmpdir(), 'savings-location-'));
afterAll(() => rm(root, { recursive: true }));

describe('a directory', () => {
  let count = 0;
  const directory = () => join(root, String(++count));
  const open = async () => {
    const path = directory();
    await mkdir(path);
    return openLocation(path);
  };
  locationContract(open);

  test('is listed through links, once, also when one leads back into it', async () => {
    const [path, other] = [directory(), directory()];
    await mkdir(join(path, 'sub'), { recursive: true });
    await mkdir(other);
    await writeFile(join(other, 'x.csv'), 'x');
    await symlink(other, join(path, 'linked'));
    await symlink(path, join(path, 'sub', 'back'));
    expect((await openLocation(path).list()).map((file) => file.path)).toEqual(['linked/x.csv']);
  });

  test('may be one file', async () => {
    const path = join(root, 'one.csv');
    await writeFile(path, 'one');
    const location = openLocation(path);
    expect((await whole(location, 'one.csv')).toString()).toBe('one');
  });

  test('sees a change that leaves the size', async () => {
    const location = await open();
    await location.put('file', each(encode('first')));
    const [file] = await location.list();
    await utimes(join(location.name, 'file'), new Date(), new Date(2020, 1));
    await expect(location.readRange(file!, 0, 5)).rejects.toThrow('changed since');
  });

  test('that is not there is an error, and so is a file that went', async () => {
    await expect(openLocation(join(root, 'nowhere')).list()).rejects.toThrow(
      /Cannot list .*nowhere: it does not exist/,
    );
    const location = await open();
    await location.put('file', each(encode('x')));
    const [file] = await location.list();
    await rm(join(location.name, 'file'));
    await expect(location.readRange(file!, 0, 1)).rejects.toThrow('does not exist any more');
  });

  test('holds nothing unfinished after a failed write', async () => {
    const location = await open();
    await expect(location.put('a/file', failing(encode('x')))).rejects.toThrow('no more');
    expect(await readdir(location.name, { recursive: true })).toEqual(['a']);
  });
});

describe.skipIf(!requireTool('radosgw'))('a prefix of a bucket', () => {
  let server: S3Server;
  let bucket: string;
  let count = 0;
  beforeAll(async () => {
    server = await s3Server();
    bucket = await server.newBucket();
  }, S3_START_MS);
  const at = (prefix: string) => openLocation(`s3://${bucket}/${prefix}`, server);
  locationContract(async () => at(`date=2026-11-27/${++count}/`));

  afterEach(async () => {
    const { Uploads = [] } = await server.client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    expect(Uploads).toEqual([]);
  });

  test('ends with a slash or not, and is never another that begins so', async () => {
    await at('rows/').put('x.csv', each(encode('x')));
    await at('rows-of-others/').put('y.csv', each(encode('y')));
    expect((await at('rows').list()).map(({ path }) => path)).toEqual(['x.csv']);
    expect((await whole(at('rows'), 'x.csv')).toString()).toBe('x');
  });

  test('may be one object', async () => {
    await at('one').put('rows.csv', each(encode('one')));
    await at('one').put('rows.csv.gz', each(encode('two')));
    const location = at('one/rows.csv');
    expect((await location.list()).map(({ path }) => path)).toEqual(['rows.csv']);
    expect((await whole(location, 'rows.csv')).toString()).toBe('one');
  });

  test('is written and read whole through a network that is cut again and again', async () => {
    let [sent, cuts] = [0, 0];
    const proxy = await startFaultyProxy(server.endpoint, ({ length }) => {
      sent += length;
      if (sent < 11_000_000 * (cuts + 1)) return;
      void (cuts++ % 2 === 0 ? proxy.once('lose-response') : proxy.setMode('pass'));
    });
    try {
      const location = openLocation(`s3://${bucket}/cut/`, { ...server, endpoint: proxy.endpoint });
      const bytes = pattern(30_000_000);
      await location.put('file', each(bytes.subarray(0, 11_000_000), bytes.subarray(11_000_000)));
      expect(cuts).toBeGreaterThan(1);
      await proxy.once('truncate');
      expect((await whole(location, 'file')).equals(bytes)).toBe(true);
    } finally {
      await proxy.stop();
    }
  });

  test('is complete also where the response to the last request is lost', async () => {
    let isCut = false;
    const proxy = await startFaultyProxy(server.endpoint, (data) => {
      if (isCut || !Buffer.from(data).includes('<CompleteMultipartUpload')) return;
      isCut = true;
      void proxy.setMode('pass');
    });
    try {
      const location = openLocation(`s3://${bucket}/lost/`, { ...server, endpoint: proxy.endpoint });
      const bytes = pattern(9_000_000);
      await location.put('file', each(bytes));
      expect([isCut, (await whole(location, 'file')).equals(bytes)]).toEqual([true, true]);
    } finally {
      await proxy.stop();
    }
  });

  test('that is no address, or no bucket, is an error', async () => {
    for (const text of ['s3://', 's3://B/x', `s3://${bucket}/a//b`, `s3://${bucket}/../x`])
      expect(() => openLocation(text)).toThrow('it must be s3://BUCKET/PREFIX/');
    await expect(openLocation('s3://no-bucket-here/x', server).list()).rejects.toThrow(
      'the bucket no-bucket-here does not exist',
    );
  });
});
