import { beforeAll, describe, expect, test } from 'bun:test';
import type { Store, StoreObserver } from '../../src/store/store.ts';
import { failure } from '../support/failure.ts';

const text = (value: string) => new TextEncoder().encode(value);
const limits = { maxBytes: 1 << 20, timeoutMs: 20_000 };

async function bytesOf(store: Store, key: string): Promise<Uint8Array> {
  return (await store.get(key, limits)).bytes;
}

/** What every store promises. `open` gives a store on an empty root of its own. */
export function storeContract(open: (observer?: StoreObserver) => Promise<Store>): void {
  let store: Store;
  beforeAll(async () => {
    store = await open();
  });

  describe('putIfAbsent and get', () => {
    test('give back the very bytes', async () => {
      const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7919) % 256);
      await store.putIfAbsent('versions/a/forest.json.gz', bytes);
      expect(Buffer.compare(await bytesOf(store, 'versions/a/forest.json.gz'), bytes)).toBe(0);
    });

    test('keep an empty object', async () => {
      await store.putIfAbsent('empty', new Uint8Array());
      expect((await bytesOf(store, 'empty')).length).toBe(0);
    });

    test('never change what is there', async () => {
      await store.putIfAbsent('once', text('first'));
      expect(await failure(store.putIfAbsent('once', text('second')), 'conflict')).toMatch(
        /^Cannot create .*once: it is already there\.$/,
      );
      expect(await bytesOf(store, 'once')).toEqual(text('first'));
    });

    test('let exactly one of many at once create an object, whole', async () => {
      const candidates = Array.from({ length: 8 }, (_, i) => text(`${i}`.repeat(50_000)));
      const results = await Promise.allSettled(candidates.map((bytes) => store.putIfAbsent('raced', bytes)));
      const winners = candidates.filter((_, i) => results[i]?.status === 'fulfilled');
      expect(winners).toHaveLength(1);
      expect(Buffer.compare(await bytesOf(store, 'raced'), winners[0])).toBe(0);
    });
  });

  describe('get', () => {
    test('says what is missing', async () => {
      const message = await failure(store.get('channels/none.json', limits), 'not_found');
      expect(message).toBe(`Cannot read ${store.name}/channels/none.json: it does not exist.`);
    });

    test('stops at the bound, and not before it', async () => {
      await store.putIfAbsent('sized', new Uint8Array(1000));
      expect(await failure(store.get('sized', { ...limits, maxBytes: 999 }), 'too_large')).toMatch(
        /^Cannot read .*sized: it is larger than 999 bytes\.$/,
      );
      expect(await store.get('sized', { ...limits, maxBytes: 1000 })).toMatchObject({
        bytes: new Uint8Array(1000),
      });
    });

    test('answers unchanged while the etag is the same', async () => {
      const etag = await store.compareAndSwap('watched', text('one'), null);
      expect(await store.get('watched', { ...limits, ifNoneMatch: etag })).toBe('unchanged');
      const next = await store.compareAndSwap('watched', text('two'), etag);
      expect(await store.get('watched', { ...limits, ifNoneMatch: etag })).toEqual({
        bytes: text('two'),
        etag: next,
      });
    });

    test('is cancelled by its signal', async () => {
      await store.putIfAbsent('cancelled', text('x'));
      const message = await failure(
        store.get('cancelled', { ...limits, signal: AbortSignal.abort() }),
        'unavailable',
      );
      expect(message).toContain('it was cancelled');
    });
  });

  describe('compareAndSwap', () => {
    test('creates only what is not there', async () => {
      const etag = await store.compareAndSwap('channels/new.json', text('1'), null);
      await failure(store.compareAndSwap('channels/new.json', text('2'), null), 'conflict');
      expect(await store.get('channels/new.json', limits)).toEqual({ bytes: text('1'), etag });
    });

    test('changes only what has the expected etag', async () => {
      const first = await store.compareAndSwap('channels/old.json', text('1'), null);
      const second = await store.compareAndSwap('channels/old.json', text('2'), first);
      expect(second).not.toBe(first);
      expect(await failure(store.compareAndSwap('channels/old.json', text('3'), first), 'conflict')).toMatch(
        /^Cannot change .*old.json: it has been changed since; read it again\.$/,
      );
      expect(await bytesOf(store, 'channels/old.json')).toEqual(text('2'));
    });

    test('does not create what it expected to be there', async () => {
      const etag = await store.compareAndSwap('an-etag', text('1'), null);
      await failure(store.compareAndSwap('folder-not-there/gone', text('1'), etag), 'conflict');
      await failure(store.get('folder-not-there/gone', limits), 'not_found');
    });

    test('lets exactly one of many at once win', async () => {
      const etag = await store.compareAndSwap('channels/raced.json', text('0'), null);
      const candidates = Array.from({ length: 8 }, (_, i) => text(`candidate ${i}`));
      const results = await Promise.allSettled(
        candidates.map((bytes) => store.compareAndSwap('channels/raced.json', bytes, etag)),
      );
      const winners = candidates.filter((_, i) => results[i]?.status === 'fulfilled');
      expect(winners).toHaveLength(1);
      expect(await bytesOf(store, 'channels/raced.json')).toEqual(winners[0]);
      for (const result of results)
        if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'conflict' });
    });

    test('loses no change when every loser tries again', async () => {
      await store.compareAndSwap('counter', text('0'), null);
      const increment = async (): Promise<void> => {
        const found = await store.get('counter', limits);
        const next = Number(new TextDecoder().decode(found.bytes)) + 1;
        await store.compareAndSwap('counter', text(String(next)), found.etag).catch((error) => {
          if (error.code === 'conflict') return increment();
          throw error;
        });
      };
      await Promise.all(Array.from({ length: 6 }, increment));
      expect(await bytesOf(store, 'counter')).toEqual(text('6'));
    });
  });

  describe('list', () => {
    test('gives the keys under a prefix, sorted, and no others', async () => {
      const other = await open();
      for (const key of [
        'versions/b/manifest.json',
        'versions/a/x',
        'versions-old/a',
        'channels/prod.json',
        'top',
      ])
        await other.putIfAbsent(key, text(key));
      expect(await other.list('versions/')).toEqual(['versions/a/x', 'versions/b/manifest.json']);
      expect(await other.list('')).toEqual([
        'channels/prod.json',
        'top',
        'versions-old/a',
        'versions/a/x',
        'versions/b/manifest.json',
      ]);
      expect(await other.list('nothing/')).toEqual([]);
    });

    test('is empty where nothing was ever written', async () => {
      expect(await (await open()).list('')).toEqual([]);
    });
  });

  test('refuses keys that are not plain names joined by slashes', async () => {
    for (const key of [
      '',
      '/etc/passwd',
      '../x',
      'a/../b',
      'a//b',
      'a/',
      'a\\b',
      '.hidden',
      'a\0b',
      'x'.repeat(701),
    ]) {
      await failure(store.get(key, limits), 'invalid');
      await failure(store.putIfAbsent(key, text('x')), 'invalid');
      await failure(store.compareAndSwap(key, text('x'), null), 'invalid');
      await failure(store.list(`${key}/`), 'invalid');
    }
    await failure(store.list('no-slash'), 'invalid');
  });

  test('tells the observer how each operation ended', async () => {
    const seen: string[] = [];
    const observedStore = await open((operation, result) => seen.push(`${operation} ${result}`));
    const etag = await observedStore.compareAndSwap('k', text('1'), null);
    await observedStore.get('k', limits);
    await observedStore.get('k', { ...limits, ifNoneMatch: etag });
    await failure(observedStore.get('missing', limits), 'not_found');
    await failure(observedStore.putIfAbsent('k', text('1')), 'conflict');
    await failure(observedStore.get('k', { ...limits, maxBytes: 0 }), 'too_large');
    await observedStore.list('');
    expect(seen).toEqual([
      'put ok',
      'get ok',
      'get unchanged',
      'get not_found',
      'put conflict',
      'get error',
      'list ok',
    ]);
  });
}
