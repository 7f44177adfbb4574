import { createHash } from 'node:crypto';
import { type Examples, ExamplesBuilder } from '../dataset/examples.ts';
import {
  generateRows,
  SYNTHETIC_LICENCE,
  SYNTHETIC_SOURCE,
  type SyntheticHousehold,
} from '../dataset/synthetic/households.ts';
import { sampleCsv } from '../dataset/synthetic/sample-csv.ts';
import type { Artifact } from '../model/artifact/artifact.ts';
import type { IntervalMethod } from '../model/manifest.ts';
import type { ForestOptions, Workers } from './grow-forest.ts';
import { report, type ProgressHooks } from './progress.ts';
import { SAVINGS } from './savings.ts';
import { DEFAULT_FOREST, trainModel } from './train-model.ts';

const DEFAULT_ROWS = 20_000;
/**
 * Synthetic households have no end, so no row of the sample is kept from training: rows that calibrate and rows that are
 * held out come from streams of their own, and are enough for a band's coverage to be known to half a point.
 */
const FRESH_ROWS = 100_000;
const STREAMS = { fit: 0, calibration: 1, holdout: 2 };

export interface SampleOptions extends ProgressHooks {
  /** Rows to train on. */
  rows?: number;
  /** Rows that calibrate the interval, and as many that are held out for the scores. */
  freshRows?: number;
  /** Decides the sample and the forest. */
  forest?: Partial<ForestOptions>;
  workers?: Workers | undefined;
  version?: string | undefined;
  now?: Date;
  gitSha?: string | undefined;
  acceptWorse?: boolean | undefined;
  interval?: IntervalMethod | undefined;
}

/** Trains the savings model on synthetic households: what runs where nobody has data yet. */
export async function trainSampleModel(options: SampleOptions = {}): Promise<Artifact> {
  const { rows = DEFAULT_ROWS, freshRows = FRESH_ROWS, version, now = new Date(), gitSha } = options;
  const hooks: ProgressHooks = { onProgress: options.onProgress, signal: options.signal };
  const forest = { ...DEFAULT_FOREST, ...options.forest };
  const total = rows + 2 * freshRows;
  await report(hooks, { phase: 'data', done: 0, total });
  const parts = {
    fit: drawExamples(rows, forest.seed, STREAMS.fit),
    calibration: drawExamples(freshRows, forest.seed, STREAMS.calibration),
    holdout: drawExamples(freshRows, forest.seed, STREAMS.holdout),
  };
  await report(hooks, { phase: 'data', done: total, total });
  return trainModel({
    description: SAVINGS,
    parts,
    forest,
    workers: options.workers,
    data: {
      source: SYNTHETIC_SOURCE,
      sha256: sampleSha256(rows, forest.seed),
      licence: SYNTHETIC_LICENCE,
      kind: 'synthetic',
    },
    version: version ?? { prefix: 'sample' },
    now,
    gitSha,
    acceptWorse: options.acceptWorse,
    interval: options.interval,
    ...hooks,
  });
}

/** Synthetic households as the savings model sees them. */
export function drawExamples(rows: number, seed: number, stream = 0): Examples {
  const columns = SAVINGS.features.map(({ column }) => column as keyof SyntheticHousehold);
  const examples = new ExamplesBuilder(columns.length, rows);
  for (const household of generateRows(rows, seed, stream)) {
    examples.add(
      columns.map((column) => household[column] as number),
      household.Desired_Savings,
    );
  }
  return examples.finish();
}

/** sha256 of the CSV that `savings generate` writes for these rows, so that anybody can make and compare it. */
function sampleSha256(rows: number, seed: number): string {
  const hash = createHash('sha256');
  for (const chunk of sampleCsv(rows, seed)) hash.update(chunk);
  return hash.digest('hex');
}
