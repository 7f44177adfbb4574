import { DATA_EXTENSIONS } from '../../dataset/data-format.ts';
import { PREDICTION_COLUMNS } from '../../dataset/bytes/chunk-scorer.ts';
import { AppError } from '../../errors.ts';
import type { Artifact } from '../../model/artifact/artifact.ts';
import type { Model } from '../../model/model.ts';
import { parseModelSelector } from '../../model/model-selector.ts';
import { DirectorySource } from '../../serving/source.ts';
import { readVersionFolder } from '../../store/version-files.ts';
import { defineCommand, UsageError } from '../command.ts';
import { STDIN } from '../input.ts';
import { verifyByLoading } from '../open-version.ts';
import { LOCATION } from '../location-option.ts';
import { wholeOption } from '../option-values.ts';
import { JSON_OPTION } from '../output.ts';
import { checkPath, directoryOf } from '../paths.ts';
import { checkFormats, predictFile } from '../predict-file.ts';
import { runStatus } from '../scoring/run-status.ts';
import { scoreRun } from '../scoring/score-run.ts';
import { scoringWorkers } from '../scoring-workers.ts';

export const predictCommand = defineCommand({
  help: `Usage: savings predict [options] < data.csv > predictions.csv
       savings predict FILE --out FILE [options]
       savings predict --from LOCATION --to LOCATION [--shard I/N] [options]
       savings predict --status LOCATION

Files are read and written by their extension: ${DATA_EXTENSIONS}. Without --out the predictions are
a CSV on standard output.

Each row is passed on as it is, with the columns ${PREDICTION_COLUMNS.join(', ')} after its own. The CSV needs the columns of
the model's inputs, in any order, in UTF-8. Bad rows are left out and listed on standard error; the exit code is then
1. What a spreadsheet would run as a formula gets an apostrophe in front, behind a separator within a cell too.
A Parquet file keeps its columns as they are, and a bad row its place, with nulls for predictions; whoever writes
Parquet reads it too.

With --from and --to, all files of a location are scored into another, ${LOCATION},
in shards: parts with predictions, side files that say which rows were rejected and why, and a record that holds model
and inputs to what they were at the beginning. The same command goes on where another ended, for whatever reason;
several processes can share the work. The exit code is then 1 for what may succeed when it is tried again, and 2 for
what would fail again.
`,
  options: {
    out: {
      type: 'string',
      value: 'FILE',
      help: 'where the predictions go; it appears whole, or not at all',
    },
    model: {
      type: 'string',
      value: 'DIR',
      help: `a directory of models, or one version's folder (MODEL_DIR, or ./models); with --from also
s3://BUCKET/PREFIX, and without it MODEL_BUCKET comes first`,
    },
    version: {
      type: 'string',
      value: 'VERSION',
      help: 'a version, or channel:NAME; without it what a server would choose',
    },
    from: {
      type: 'string',
      value: 'LOCATION',
      help: 'where the rows are; below it, every file by its extension',
    },
    to: { type: 'string', value: 'LOCATION', help: 'where the parts go' },
    shard: {
      type: 'string',
      value: 'I/N',
      help: `one of N shards, I from 0 to N-1, or all/N; without it JOB_COMPLETION_INDEX and
SHARD_COUNT count, else it is all of them, one for each 128 MB`,
    },
    status: {
      type: 'string',
      value: 'LOCATION',
      help: 'tells how far a run is; exit code 0 when all of it is done',
    },
    workers: {
      type: 'string',
      value: 'N',
      help: 'threads for a CSV (one a processor); the result is the same with any number',
    },
    ...JSON_OPTION,
  },
  positionals: ['FILE'],
  optional: true,
  async run(values, positionals, io) {
    const { model, version, out, from: source, to: target, status } = values;
    const path: string | undefined = positionals[0];
    checkUse(values, path);
    if (status !== undefined) return await runStatus(status, values.json, io);
    const workers = wholeOption('workers', values.workers, 1, 256);
    if (source !== undefined && target !== undefined) {
      const pool = scoringWorkers(workers);
      try {
        return await scoreRun({ ...values, from: source, to: target }, pool, io);
      } finally {
        pool?.close();
      }
    }
    const from =
      path === undefined || path === STDIN
        ? STDIN
        : checkPath('FILE', path, 'a file, or - for standard input');
    const to = out === undefined ? undefined : checkPath('--out', out, 'a file');
    checkFormats(from, to);
    const opened = await openModel(directoryOf('--model', model, io), version);
    const pool = scoringWorkers(workers);
    try {
      return await predictFile(from, to, opened, pool, io);
    } finally {
      pool?.close();
    }
  },
});

/** What goes together: rows by standard streams or one file, a run, or its status. @throws UsageError */
function checkUse(values: Record<string, string | boolean | undefined>, path: string | undefined): void {
  const isGiven = (name: string) => values[name] !== undefined;
  const [isRun, isStatus] = [isGiven('from') || isGiven('to'), isGiven('status')];
  if (isStatus) {
    if (
      path !== undefined ||
      Object.keys(values).some((name) => isGiven(name) && !['status', 'json'].includes(name))
    )
      throw new UsageError('--status goes with --json, and with nothing else.');
  } else if (isRun) {
    if (!(isGiven('from') && isGiven('to'))) throw new UsageError('--from and --to go together.');
    if (path !== undefined || isGiven('out'))
      throw new UsageError('With --from and --to there is no FILE and no --out.');
  } else if (isGiven('shard') || isGiven('json')) {
    throw new UsageError('--shard and --json go with --from and --to.');
  }
}

/**
 * A verified model from a directory: a version's own folder, or one with versions/ and channels/ in it, as MODEL_DIR.
 *
 * @param version a version or `channel:<name>`; without it what a server would choose
 * @throws AppError `not_found`, `corrupt`, `invalid`, `unavailable`
 */
async function openModel(directory: string, version: string | undefined): Promise<Model> {
  const folder = version === undefined ? await readVersionFolder(directory) : undefined;
  return verifyByLoading(folder ?? (await chooseVersion(directory, version)));
}

async function chooseVersion(modelDir: string, version: string | undefined): Promise<Artifact> {
  const source = new DirectorySource({
    modelDir,
    modelSelector: parseModelSelector(version ?? 'channel:prod'),
    modelSelectorGiven: version !== undefined,
  });
  const fetched = await source.fetch(undefined);
  if (fetched === undefined) throw new AppError('not_found', `Cannot find a model in ${modelDir}.`);
  return fetched.artifact;
}
