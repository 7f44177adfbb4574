import { splitExamples } from '../dataset/examples.ts';
import type { FaultReport } from '../dataset/fault-report.ts';
import type { Place } from '../dataset/joined-csv.ts';
import { Random } from '../dataset/synthetic/random.ts';
import type { Artifact } from '../model/artifact/artifact.ts';
import type { IntervalMethod, Manifest } from '../model/manifest.ts';
import { checkNotDetermined } from './check-not-determined.ts';
import { readDescribed } from './description/described-data.ts';
import type { DescriptionFile } from './description/read-description.ts';
import type { ForestOptions, Workers } from './grow-forest.ts';
import { type ProgressHooks, report } from './progress.ts';
import { SAVINGS_FILE } from './savings.ts';
import { DEFAULT_FOREST, trainModel } from './train-model.ts';

const DEFAULT_HOLDOUT = 0.2;

type DataFacts = Pick<Manifest['data'], 'source' | 'licence' | 'kind' | 'year'>;

export interface CsvTrainingOptions extends ProgressHooks {
  /** Begins to read the CSV; called twice for a description that leaves something to the data. */
  csv: () => AsyncIterable<Uint8Array>;
  /** Of rows of several files: which one a line is from. */
  locate?: ((line: number) => Place) | undefined;
  /** What the model is to be; the savings model where it is left out. */
  description?: DescriptionFile | undefined;
  /** What the manifest says of the data, before the description: texts, never a path. */
  data?: { [Fact in keyof DataFacts]?: DataFacts[Fact] | undefined };
  /** The source that is named where neither says one. */
  fileName: string;
  /** Share of the rows that are held out for the scores; as many again calibrate the interval. Below a half. */
  holdout?: number | undefined;
  /** Leaves bad rows out, and hears what was wrong with them; without it one of them refuses the file. */
  onBadRows?: ((faults: FaultReport) => void) | undefined;
  forest?: Partial<ForestOptions>;
  workers?: Workers | undefined;
  version?: string | undefined;
  now?: Date;
  gitSha?: string | undefined;
  acceptWorse?: boolean | undefined;
  interval?: IntervalMethod | undefined;
}

/**
 * Trains a model on the rows of a CSV, dealt at random to fit, calibration and hold-out.
 *
 * @throws AppError `invalid` when the description does not fit the CSV, by key, when the CSV is bad, which lists the bad
 * lines, or has too few rows
 */
export async function trainCsvModel(options: CsvTrainingOptions): Promise<Artifact> {
  const { description: file = SAVINGS_FILE, holdout = DEFAULT_HOLDOUT, workers, version, gitSha } = options;
  const hooks: ProgressHooks = { onProgress: options.onProgress, signal: options.signal };
  const forest = { ...DEFAULT_FOREST, ...options.forest };
  const onRows = (rows: number) => options.onProgress?.({ phase: 'data', done: rows, total: undefined });
  // All rows in one piece are let go before training begins.
  const readParts = async () => {
    const { onBadRows, locate } = options;
    const { model, examples, sha256 } = await readDescribed(file, options.csv, {
      onRows,
      onBadRows,
      locate,
    });
    await report(hooks, { phase: 'data', done: examples.rows, total: examples.rows });
    return { model, sha256, parts: splitExamples(examples, [holdout, holdout], new Random(forest.seed)) };
  };
  const {
    model,
    sha256,
    parts: [fit, calibration, held],
  } = await readParts();
  checkNotDetermined(file, model.features, fit, held);
  const { data: described, interval, weight } = file.description;
  const kind = options.data?.kind ?? described?.kind;
  const year = options.data?.year ?? described?.year;
  return trainModel({
    description: model,
    coverage: interval?.coverage,
    weightColumn: weight,
    parts: { fit: fit, calibration: calibration, holdout: held },
    forest,
    workers,
    data: {
      source: options.data?.source ?? described?.source ?? options.fileName,
      sha256,
      licence: options.data?.licence ?? described?.licence ?? 'not stated',
      ...(kind === undefined ? {} : { kind }),
      ...(year === undefined ? {} : { year }),
    },
    version: version ?? { prefix: 'csv' },
    now: options.now ?? new Date(),
    gitSha,
    acceptWorse: options.acceptWorse,
    interval: options.interval ?? interval?.method,
    ...hooks,
  });
}
