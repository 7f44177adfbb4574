import { describe, expect, test } from 'bun:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../../src/errors.ts';
import { streamResponse, type StreamOptions } from '../../../src/http/batch/stream-response.ts';
import { bounded } from '../../../src/http/batch/bounded.ts';

const utf8 = new TextEncoder();

/** @param rest texts that follow the first */
function respond(rest: AsyncGenerator<string, void, void>, changes: Partial<StreamOptions> = {}) {
  const endings: (string | undefined)[][] = [];
  const defects: unknown[] = [];
  const stream = streamResponse(utf8.encode('first\n'), encoded(rest), {
    signal: new AbortController().signal,
    idleMs: 10_000,
    lastByteAt: () => 0,
    onEnd: (...ending) => void endings.push(ending),
    onDefect: (error) => void defects.push(error),
    ...changes,
  });
  return { stream, endings, defects };
}

async function* encoded(rest: AsyncGenerator<string, void, void>) {
  for await (const text of rest) yield utf8.encode(text);
}

async function* texts(...parts: (string | Error)[]) {
  for (const part of parts) {
    if (part instanceof Error) throw part;
    yield part;
  }
}

describe('streamResponse', () => {
  test('gives all pieces and ends whole', async () => {
    const { stream, endings } = respond(texts('second\n', 'third\n'));
    expect(await new Response(stream).text()).toBe('first\nsecond\nthird\n');
    expect(endings).toEqual([['whole', undefined]]);
  });

  test('is cut by a failure, which it tells its owner and not the client', async () => {
    const { stream, endings, defects } = respond(texts(new AppError('too_large', 'Cannot: secret.')));
    await expect(new Response(stream).text()).rejects.toThrow('The response was cut.');
    expect(endings).toEqual([['broken', 'Cannot: secret.']]);
    expect(defects).toEqual([]);
  });

  test('tells of a failure that nobody foresaw', async () => {
    const defect = new TypeError('x is undefined');
    const { stream, endings, defects } = respond(texts(defect));
    await expect(new Response(stream).text()).rejects.toThrow('The response was cut.');
    expect(endings[0]?.[0]).toBe('broken');
    expect(defects).toEqual([defect]);
  });

  test('stops when nobody reads for the idle time', async () => {
    let closed = false;
    async function* endless() {
      try {
        for (;;) yield 'more\n';
      } finally {
        closed = true;
      }
    }
    const { stream, endings } = respond(endless(), { idleMs: 5 });
    const reader = stream.getReader();
    await reader.read();
    while (endings.length === 0) await sleep(1);
    expect(endings).toEqual([['stopped', 'The client neither read nor sent anything for 1 seconds.']]);
    expect(closed).toBeTrue();
    await expect(
      (async () => {
        for (;;) await reader.read();
      })(),
    ).rejects.toThrow('cut');
  });

  test('waits for a client that does not read as long as it sends', async () => {
    let sends = true;
    const lastByteAt = () => (sends ? performance.now() : 0);
    const { stream, endings } = respond(texts('second\n', 'third\n'), { idleMs: 5, lastByteAt });
    await sleep(50);
    expect(endings).toEqual([]);
    sends = false;
    while (endings.length === 0) await sleep(1);
    expect(endings[0]?.[0]).toBe('stopped');
    await expect(new Response(stream).text()).rejects.toThrow('cut');
  });

  test('stops when it is told that the client has gone', async () => {
    const gone = new AbortController();
    const { endings } = respond(texts('a', 'b'), { signal: gone.signal });
    gone.abort();
    expect(endings).toEqual([['stopped', undefined]]);
  });

  test.each([
    [
      'a piece',
      async function* () {
        yield 'last\n';
      },
    ],
    ['the end', async function* () {}],
  ])('takes a client that goes while %s is made for no defect', async (_, made) => {
    const gone = new AbortController();
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
    const { promise: left, resolve: leave } = Promise.withResolvers<void>();
    async function* slow() {
      ask();
      await left;
      yield* made();
    }
    const { stream, endings, defects } = respond(slow(), { signal: gone.signal });
    const reader = stream.getReader();
    await reader.read();
    await asked;
    // Bun does both when a connection ends: it cancels the stream and fires the signal.
    const cancelled = reader.cancel();
    gone.abort();
    leave();
    await cancelled;
    await sleep(0);
    expect(endings).toEqual([['stopped', undefined]]);
    expect(defects).toEqual([]);
  });

  test('takes a body that broke off for a client that has gone', async () => {
    const { stream, endings, defects } = respond(texts(new AppError('left', 'It broke off.')));
    await expect(new Response(stream).text()).rejects.toThrow('The response was cut.');
    expect(endings).toEqual([['stopped', 'It broke off.']]);
    expect(defects).toEqual([]);
  });
});

describe('bounded', () => {
  const silent = () => new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) });
  const read = async (signal: AbortSignal, idleMs: number) => {
    for await (const _ of bounded(silent(), { maxBytes: 10, idleMs, signal }));
  };

  test('gives up on a client that sends nothing for the idle time', async () => {
    await expect(read(new AbortController().signal, 5)).rejects.toThrow('nothing came for 1 second.');
  });

  test('gives up on a client that has gone, though the runtime never ends the read', async () => {
    const gone = new AbortController();
    const reading = read(gone.signal, 60_000);
    gone.abort();
    await expect(reading).rejects.toThrow('it broke off before its end');
    await expect(read(AbortSignal.abort(), 60_000)).rejects.toMatchObject({ code: 'left' });
  });
});
