import { expect, test } from 'bun:test';
import { AppError } from '../../../src/errors.ts';
import { trainForest } from '../../../src/forest/train/train.ts';
import { type TrainWorker, trainInParallel } from '../../../src/forest/train/train-parallel.ts';
import { randomData } from '../random-data.ts';

const data = randomData(17, 150, 5);
const options = { nEstimators: 7, maxFeatures: 0.6 };

/** Real workers, counted, so that none is left behind. */
function pool(entry = '../../../src/forest/train/train-worker.ts') {
  const running = new Set<TrainWorker>();
  const spawn = (): TrainWorker => {
    const worker: TrainWorker = new Worker(new URL(entry, import.meta.url), { type: 'module' });
    const terminate = worker.terminate.bind(worker);
    worker.terminate = () => {
      running.delete(worker);
      terminate();
    };
    running.add(worker);
    return worker;
  };
  return { running, spawn };
}

for (const writer of ['library', 'slim'] as const) {
  test(`trainInParallel writes the same bytes as trainForest (${writer})`, async () => {
    const expected = await trainForest(data, options, writer);
    for (const workers of [1, 2, 3, 20]) {
      const { running, spawn } = pool();
      expect(await trainInParallel(data, options, writer, spawn, workers)).toBe(expected);
      expect(running.size).toBe(0);
    }
  });
}

test('trainInParallel reports each tree', async () => {
  const seen: number[] = [];
  const onProgress = (done: number, all: number) => void seen.push(done / all);
  await trainInParallel(data, { nEstimators: 4 }, 'slim', pool().spawn, 2, { onProgress });
  expect(seen).toEqual([0.25, 0.5, 0.75, 1]);
});

test('trainInParallel ends its workers when told to stop', async () => {
  const { running, spawn } = pool();
  const stop = new AbortController();
  const onProgress = () => stop.abort(new Error('enough'));
  const training = trainInParallel(data, { nEstimators: 500 }, 'slim', spawn, 2, {
    onProgress,
    signal: stop.signal,
  });
  expect(training).rejects.toThrow('enough');
  await training.catch(() => {});
  expect(running.size).toBe(0);
});

test('trainInParallel refuses bad options before it starts a worker', async () => {
  const { running, spawn } = pool();
  const training = trainInParallel(data, { nEstimators: 0 }, 'slim', spawn, 2);
  expect(training).rejects.toBeInstanceOf(AppError);
  await training.catch(() => {});
  expect(running.size).toBe(0);
});

test('trainInParallel says so when a worker fails', async () => {
  const { running, spawn } = pool('./no-such-worker.ts');
  const training = trainInParallel(data, options, 'slim', spawn, 2);
  expect(training).rejects.toThrow('Cannot train: a worker failed');
  await training.catch(() => {});
  expect(running.size).toBe(0);
});
