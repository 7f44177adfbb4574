import { splitExamples } from '../dataset/examples.ts';
import { Random } from '../dataset/synthetic/random.ts';
import { readExamples } from '../dataset/read-examples.ts';
import type { Artifact } from '../model/artifact/artifact.ts';
import type { IntervalMethod, Manifest } from '../model/manifest.ts';
import { acceptedFeatures } from './model-description.ts';
import type { ForestOptions, Workers } from './grow-forest.ts';
import { report, type ProgressHooks } from './progress.ts';
import { SAVINGS } from './savings.ts';
import { DEFAULT_FOREST, trainModel } from './train-model.ts';

const DEFAULT_HOLDOUT = 0.2;

export interface CsvTrainingOptions extends ProgressHooks {
  csv: AsyncIterable<Uint8Array>;
  /** What the manifest says of the data: a name or a sentence, never a path. */
  source: string;
  licence: string;
  /** What kind of rows it holds, and of which year; not recorded where nobody says. */
  kind?: Manifest['data']['kind'];
  year?: number | undefined;
  /** Share of the rows that are held out for the scores; as many again calibrate the interval. Below a half. */
  holdout?: number | undefined;
  forest?: Partial<ForestOptions>;
  workers?: Workers | undefined;
  version?: string | undefined;
  now?: Date;
  gitSha?: string | undefined;
  acceptWorse?: boolean | undefined;
  interval?: IntervalMethod | undefined;
}

/**
 * Trains the savings model on the rows of a CSV, dealt at random to fit, calibration and hold-out.
 *
 * @throws AppError `invalid` when the CSV is bad, which lists the bad lines, or has too few rows
 */
export async function trainCsvModel(options: CsvTrainingOptions): Promise<Artifact> {
  const { csv, source, licence, kind, year, holdout = DEFAULT_HOLDOUT, workers, version, gitSha } = options;
  const hooks: ProgressHooks = { onProgress: options.onProgress, signal: options.signal };
  const forest = { ...DEFAULT_FOREST, ...options.forest };
  const { examples, sha256 } = await readExamples(
    csv,
    acceptedFeatures(SAVINGS),
    SAVINGS.target.column,
    (rows) => options.onProgress?.({ phase: 'data', done: rows, total: undefined }),
  );
  await report(hooks, { phase: 'data', done: examples.rows, total: examples.rows });
  const [fit, calibration, held] = splitExamples(examples, [holdout, holdout], new Random(forest.seed));
  return trainModel({
    description: SAVINGS,
    parts: { fit, calibration, holdout: held },
    forest,
    workers,
    data: {
      source,
      sha256,
      licence,
      ...(kind === undefined ? {} : { kind }),
      ...(year === undefined ? {} : { year }),
    },
    version: version ?? { prefix: 'csv' },
    now: options.now ?? new Date(),
    gitSha,
    acceptWorse: options.acceptWorse,
    interval: options.interval,
    ...hooks,
  });
}
