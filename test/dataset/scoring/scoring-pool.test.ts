import { afterEach, describe, expect, setDefaultTimeout, test } from 'bun:test';
import type { CsvChunk } from '../../../src/dataset/bytes/record-splitter.ts';
import { RecordSplitter } from '../../../src/dataset/bytes/record-splitter.ts';
import { type PredictCsvOptions, predictCsv } from '../../../src/dataset/predict-csv.ts';
import { ScoringPool, type ScoringWorker } from '../../../src/dataset/scoring/scoring-pool.ts';
import type { RowFault } from '../../../src/dataset/row-reader.ts';
import { sampleCsv } from '../../../src/dataset/synthetic/sample-csv.ts';
import { loadModel } from '../../../src/model/artifact/load.ts';
import { spawnLoadWorker, spawnScoringWorker } from '../../../src/workers.ts';
import { randomFrom } from '../../forest/random.ts';
import { bytesOf } from '../../support/bytes.ts';
import { testArtifact, testModel } from '../../support/model.ts';

// Real workers take their time on a busy machine.
setDefaultTimeout(60_000);

const model = await testModel();
const other = await loadModel(await testArtifact('test-2'), { spawn: spawnLoadWorker });
const good = [...sampleCsv(6_000, 5)].join('').trimEnd().split('\n');
// Bad rows now and then, also some over several lines.
const csv = good
  .map((line, i) => (i % 700 === 650 ? 'oops' : i % 900 === 800 ? `"two\nlines",${line}` : line))
  .join('\n');

const pools: ScoringPool[] = [];
afterEach(() => {
  for (const pool of pools.splice(0)) pool.close();
});

function poolOf(size: number, spawn: () => ScoringWorker = spawnScoringWorker, idleMs?: number) {
  const pool = new ScoringPool({ spawn, size, ...(idleMs !== undefined && { idleMs }) });
  pools.push(pool);
  return pool;
}

async function predict(options: PredictCsvOptions = {}, text = csv, by = model) {
  const faults: RowFault[] = [];
  const counts = { rows: 0, amounts: 0, bins: 0 };
  let out = '';
  const hooks = {
    onFault: (fault: RowFault) => faults.push(fault),
    onPredicted: (chunk: { rows: number; counts?: { amounts: Float64Array; bins: Uint32Array } }) => {
      counts.rows += chunk.rows;
      counts.amounts += chunk.counts?.amounts.length ?? 0;
      counts.bins += chunk.counts?.bins.reduce((sum, count) => sum + count, 0) ?? 0;
    },
  };
  const pieces = predictCsv(bytesOf(text, 40_000), by, hooks, { counts: true, ...options });
  for await (const piece of pieces) out += Buffer.from(piece).toString();
  return { out, faults, counts };
}

/** Workers whose replies come late, each by a time of its own. */
function tardy(seed: number): () => ScoringWorker {
  const draw = randomFrom(seed);
  return () => {
    const worker: ScoringWorker = spawnScoringWorker();
    let last = Promise.resolve();
    const late: ScoringWorker = {
      postMessage: (...message) => worker.postMessage(...message),
      onmessage: null,
      onerror: null,
      addEventListener: (...listener) => worker.addEventListener(...listener),
      terminate: () => worker.terminate(),
    };
    worker.onmessage = (event) => {
      const ms = 20 * draw();
      last = last
        .then(() => new Promise((resolve) => setTimeout(resolve, ms)))
        .then(() => late.onmessage?.(event));
    };
    worker.onerror = (event) => late.onerror?.(event);
    return late;
  };
}

function chunksOf(text: string): [header: CsvChunk, ...rows: CsvChunk[]] {
  const splitter = new RecordSplitter();
  const bytes = new TextEncoder().encode(text);
  const chunks: CsvChunk[] = [];
  // In pieces, so that there are several.
  for (let at = 0; at < bytes.length; at += 50_000)
    chunks.push(...splitter.push(bytes.subarray(at, at + 50_000)));
  return [...chunks, ...splitter.end()] as [CsvChunk, ...CsvChunk[]];
}

describe('a CSV that is scored by a pool', () => {
  test.each([1, 2, 4])('gives the same with %p workers as without, however late each is', async (size) => {
    for (const keepBadRows of [false, true]) {
      const pool = poolOf(size, tardy(size));
      expect(await predict({ pool, keepBadRows })).toEqual(await predict({ keepBadRows }));
      expect(pool.workers).toBeGreaterThan(0);
    }
  });

  test('fails at the same place as without', async () => {
    const broken = [...good.slice(0, 5_000), 'x\uFFFF', ...good.slice(5_000)].join('\n');
    const bytes = new TextEncoder().encode(broken);
    bytes[bytes.indexOf(0xef)] = 0xff;
    for (const options of [{ maxRows: 4_321 }, {}]) {
      const outcomes = [undefined, poolOf(2, tardy(9))].map(async (pool) => {
        let rows = 0;
        const hooks = {
          onFault() {},
          onPredicted(chunk: { rows: number }) {
            rows += chunk.rows;
          },
        };
        try {
          for await (const _ of predictCsv(bytesOf(bytes, 30_000), model, hooks, { ...options, pool }));
        } catch (error) {
          return [(error as Error).message, options.maxRows && rows];
        }
        throw new Error('It has not failed.');
      });
      const [without, withPool] = await Promise.all(outcomes);
      expect(withPool).toEqual(without);
    }
  });

  test('starts no worker for a small file', async () => {
    const pool = poolOf(4);
    await predict({ pool }, good.slice(0, 200).join('\n'));
    expect(pool.workers).toBe(0);
  });

  test('is scored by the model that it began with, beside one that began with another', async () => {
    const pool = poolOf(2, tardy(3));
    const both = [model, other, model, other].map((by) => predict({ pool }, csv, by));
    const [first, second, third, fourth] = await Promise.all(both);
    expect(first).toEqual(await predict({}, csv, model));
    expect(second).toEqual(await predict({}, csv, other));
    expect(first.out).not.toBe(second.out);
    expect([third, fourth]).toEqual([first, second]);
  });
});

describe('ScoringPool', () => {
  test('takes the chunks of files in turns: a short one does not wait for the end of a long one', async () => {
    const pool = poolOf(1);
    const ended: string[] = [];
    const [header, ...rows] = chunksOf(csv);
    const long = pool.open(model, header, {});
    const all = rows.map((chunk) => long.score(chunk).then(() => ended.push('long')));
    const [shortHeader, chunk] = chunksOf(csv);
    const short = pool.open(model, shortHeader, {});
    await short.score(chunk).then(() => ended.push('short'));
    expect(ended.length).toBeLessThan(rows.length);
    await Promise.all(all);
  });

  test('goes on with another worker when one dies, and says so of what that one had', async () => {
    const workers: Worker[] = [];
    const pool = poolOf(1, () => {
      const worker = spawnScoringWorker();
      workers.push(worker);
      return worker;
    });
    const [header, ...rows] = chunksOf(csv);
    const file = pool.open(model, header, {});
    expect((await file.score(rows[0])).rows).toBeGreaterThan(0);
    const lost = file.score(rows[1]);
    workers[0].terminate();
    await expect(lost).rejects.toThrow('Cannot predict the CSV: the thread that scored it has died');
    await expect(lost).rejects.toMatchObject({ code: 'unavailable' });
    expect((await file.score(rows[2])).rows).toBeGreaterThan(0);
    expect(workers).toHaveLength(2);
  });

  test('scores nothing more of a file that was closed', async () => {
    const scored: string[] = [];
    const pool = poolOf(1, () => {
      const worker = spawnScoringWorker();
      const post = worker.postMessage.bind(worker);
      worker.postMessage = ((message: { kind: string }, moved: Transferable[]) => {
        scored.push(message.kind);
        post(message, moved);
      }) as Worker['postMessage'];
      return worker;
    });
    const [header, ...rows] = chunksOf(csv);
    const file = pool.open(model, header, {});
    const first = file.score(rows[0]);
    for (const chunk of rows.slice(1)) void file.score(chunk);
    file.close();
    await first;
    expect(scored.filter((kind) => kind === 'score')).toHaveLength(2);
    expect(scored.at(-1)).toBe('close');
  });

  test('lets a model go that no file uses once another is in use, and its workers when there is nothing to do', async () => {
    const told: string[] = [];
    const pool = poolOf(
      1,
      () => {
        const worker = spawnScoringWorker();
        const post = worker.postMessage.bind(worker);
        worker.postMessage = ((message: { kind: string; model?: number }, moved: Transferable[]) => {
          if (message.kind === 'model' || message.kind === 'forget')
            told.push(`${message.kind} ${message.model}`);
          post(message, moved);
        }) as Worker['postMessage'];
        return worker;
      },
      1,
    );
    const scoreOne = async (by: typeof model, close = true) => {
      const [header, chunk] = chunksOf(csv);
      const file = pool.open(by, header, {});
      const scored = file.score(chunk);
      if (close) void scored.then(() => file.close());
      return { file, scored };
    };
    const old = await scoreOne(model, false);
    const next = await scoreOne(other);
    await Promise.all([old.scored, next.scored]);
    const [[, first], [, second]] = told.map((text) => text.split(' '));
    expect(told).toEqual([`model ${first}`, `model ${second}`]);
    old.file.close();
    expect(told.at(-1)).toBe(`forget ${first}`);
    for (let i = 0; i < 2_000 && pool.workers > 0; i++) await Bun.sleep(5);
    expect(pool.workers).toBe(0);
  });
});
