import { describe, expect, test } from 'bun:test';
import { inOrder } from '../../../src/dataset/scoring/in-order.ts';
import { randomFrom } from '../../forest/random.ts';

/** Cuts bytes into chunks of one byte each, and ends with one more. */
const bytesOneByOne = {
  *push(bytes: Uint8Array) {
    yield* bytes;
  },
  *end() {
    yield 255;
  },
};

async function* pieces(...sizes: number[]) {
  let next = 0;
  for (const size of sizes) yield Uint8Array.from({ length: size }, () => next++ % 200);
}

/** Chunks that are being scored, each ended when told to. */
function held() {
  const waiting: { chunk: number; end: () => void; fail: (error: unknown) => void }[] = [];
  let most = 0;
  let started = 0;
  return {
    waiting,
    get most() {
      return most;
    },
    get started() {
      return started;
    },
    score: (chunk: number) => {
      started++;
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      waiting.push({ chunk, end: () => resolve(chunk), fail: reject });
      most = Math.max(most, waiting.length);
      return promise;
    },
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

async function until(condition: () => boolean) {
  for (let i = 0; i < 10_000 && !condition(); i++) await turn();
  expect(condition()).toBeTrue();
}

const all = async (results: AsyncIterable<number>, into: number[] = []) => {
  for await (const result of results) into.push(result);
  return into;
};

const LAST = 255;

describe('inOrder', () => {
  test.each([1, 2, 5])(
    'gives results in the order of their chunks, whichever is ready first, %p ahead',
    async (ahead) => {
      const work = held();
      const draw = randomFrom(7 + ahead);
      const results = all(inOrder(pieces(20, 1, 70), bytesOneByOne, work.score, () => ahead));
      for (let done = 0; done < 92; done++) {
        await until(() => work.waiting.length > 0);
        const [one] = work.waiting.splice(Math.floor(draw() * work.waiting.length), 1);
        one.end();
      }
      expect(await results).toEqual([...Array.from({ length: 91 }, (_, i) => i), LAST]);
      // The result that is waited for is no longer among those ahead.
      expect(work.most).toBeLessThanOrEqual(ahead + 1);
    },
  );

  test('reads and scores no further ahead than told while nobody asks for results', async () => {
    const work = held();
    let read = 0;
    async function* large() {
      for (; read < 50; read++) yield new Uint8Array(200_000);
    }
    const whole = {
      *push(bytes: Uint8Array) {
        if (bytes.length > 0) yield bytes.length;
      },
      *end() {},
    };
    const results = inOrder(large(), whole, work.score, () => 4);
    const first = results.next();
    await until(() => work.started === 5);
    for (const { end } of work.waiting.splice(0)) end();
    expect((await first).value).toBe(200_000);
    for (let i = 0; i < 50; i++) await turn();
    expect(work.started).toBe(5);
    expect(read).toBeLessThanOrEqual(6);
    await results.return();
  });

  test('scores at once what comes while nothing is being scored', async () => {
    const sent: ((piece: Uint8Array) => void)[] = [];
    async function* slow() {
      for (;;) yield await new Promise<Uint8Array>((resolve) => sent.push(resolve));
    }
    const results = inOrder(
      slow(),
      bytesOneByOne,
      async (chunk) => chunk,
      () => 4,
    );
    for (const byte of [3, 1, 2]) {
      const next = results.next();
      await until(() => sent.length > 0);
      sent.shift()!(Uint8Array.of(byte));
      expect((await next).value).toBe(byte);
    }
    // A read that never ends does not keep whoever leaves.
    await results.return();
  });

  test('gathers what comes meanwhile, and scores it when nothing is being scored any more', async () => {
    const work = held();
    const cuts: number[] = [];
    const whole = {
      *push(bytes: Uint8Array) {
        cuts.push(bytes.length);
        if (bytes.length > 0) yield bytes[0];
      },
      *end() {},
    };
    const paused = Promise.withResolvers<void>();
    async function* withPause() {
      yield* pieces(1, 2, 3, 4);
      await paused.promise;
    }
    const results = all(inOrder(withPause(), whole, work.score, () => 4));
    await until(() => work.started === 1);
    for (let i = 0; i < 20; i++) await turn();
    expect(cuts).toEqual([1]);
    work.waiting.shift()!.end();
    await until(() => work.started === 2);
    expect(cuts).toEqual([1, 9]);
    work.waiting.shift()!.end();
    paused.resolve();
    expect(await results).toHaveLength(2);
  });

  test('throws what went wrong first by place, when all before it is out', async () => {
    const work = held();
    const given: number[] = [];
    const results = all(
      inOrder(pieces(5), bytesOneByOne, work.score, () => 8),
      given,
    );
    await until(() => work.waiting.length === 6);
    work.waiting[3].fail(new Error('third'));
    work.waiting[1].fail(new Error('first'));
    for (const { end } of work.waiting) end();
    await expect(results).rejects.toThrow('first');
    expect(given).toEqual([0]);
  });

  test('scores what came whole before reading failed', async () => {
    async function* broken() {
      yield Uint8Array.of(1, 2);
      yield Uint8Array.of(3);
      throw new Error('It broke off.');
    }
    const given: number[] = [];
    const results = all(
      inOrder(
        broken(),
        bytesOneByOne,
        async (chunk) => chunk,
        () => 2,
      ),
      given,
    );
    await expect(results).rejects.toThrow('It broke off.');
    expect(given).toEqual([1, 2, 3]);
  });

  test('closes its source when nobody asks any more', async () => {
    let closed = false;
    async function* endless() {
      try {
        for (;;) yield Uint8Array.of(1);
      } finally {
        closed = true;
      }
    }
    for await (const _ of inOrder(
      endless(),
      bytesOneByOne,
      async (chunk) => chunk,
      () => 1,
    ))
      break;
    expect(closed).toBeTrue();
  });
});
