import { FaultReport } from '../../dataset/fault-report.ts';
import { type PredictHooks, predictCsv } from '../../dataset/predict-csv.ts';
import { PREDICTION_COLUMNS } from '../../dataset/bytes/chunk-scorer.ts';
import { AppError } from '../../errors.ts';
import type { Artifact } from '../../model/artifact/artifact.ts';
import type { Model } from '../../model/model.ts';
import { parseModelSelector } from '../../model/model-selector.ts';
import { DirectorySource } from '../../serving/source.ts';
import { readVersionFolder } from '../../store/version-files.ts';
import { defineCommand, EXIT } from '../command.ts';
import { inputBytes, STDIN } from '../input.ts';
import { verifyByLoading } from '../open-version.ts';
import { writeResult } from '../output.ts';
import { directoryOf } from '../paths.ts';
import { ProgressLine } from '../progress-line.ts';
import { wholeOption } from '../option-values.ts';
import { scoringWorkers } from '../scoring-workers.ts';

export const predictCommand = defineCommand({
  help: `Usage: savings predict [--model DIR] [--version VERSION] < data.csv > predictions.csv

Each row is passed on as it is, with the columns ${PREDICTION_COLUMNS.join(', ')} after its own. The CSV needs the columns of
the model's inputs, in any order, in UTF-8. Bad rows are left out and listed on standard error; the exit code is then
1. What a spreadsheet would run as a formula gets an apostrophe in front, behind a separator within a cell too.
`,
  options: {
    model: {
      type: 'string',
      value: 'DIR',
      help: "a directory of models, or one version's folder (MODEL_DIR, or ./models)",
    },
    version: {
      type: 'string',
      value: 'VERSION',
      help: 'a version, or channel:NAME; without it what a server would choose',
    },
    workers: {
      type: 'string',
      value: 'N',
      help: 'threads (one a processor); the result is the same with any number',
    },
  },
  async run(values, _, io) {
    const pool = scoringWorkers(wholeOption('workers', values.workers, 1, 256));
    const model = await openModel(directoryOf('--model', values.model, io), values.version);
    const faults = new FaultReport();
    const progress = new ProgressLine(io.stderr);
    let predicted = 0;
    const hooks: PredictHooks = {
      onFault: (fault) => faults.add(fault),
      onPredicted: ({ rows }) => {
        predicted += rows;
        progress.update('rows predicted', predicted, undefined);
      },
    };
    const lines = predictCsv(inputBytes(STDIN, io), model, hooks, { pool });
    try {
      // Whoever stops reading early has what they wanted.
      if (!(await writeResult(io.stdout, lines))) return EXIT.done;
    } finally {
      pool?.close();
      progress.end();
    }
    if (faults.count === 0) return EXIT.done;
    io.stderr.write(`savings predict: ${faults.leftOut}, ${predicted} predicted.\n${faults}\n`);
    return EXIT.failed;
  },
});

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
