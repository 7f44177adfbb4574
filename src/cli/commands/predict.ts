import { DATA_EXTENSIONS } from '../../dataset/data-format.ts';
import { PREDICTION_COLUMNS } from '../../dataset/csv-predictor.ts';
import { AppError } from '../../errors.ts';
import type { Artifact } from '../../model/artifact/artifact.ts';
import type { Model } from '../../model/model.ts';
import { parseModelSelector } from '../../model/model-selector.ts';
import { DirectorySource } from '../../serving/source.ts';
import { readVersionFolder } from '../../store/version-files.ts';
import { defineCommand } from '../command.ts';
import { STDIN } from '../input.ts';
import { verifyByLoading } from '../open-version.ts';
import { checkPath, directoryOf } from '../paths.ts';
import { checkFormats, predictFile } from '../predict-file.ts';

export const predictCommand = defineCommand({
  help: `Usage: savings predict [options] < data.csv > predictions.csv
       savings predict FILE --out FILE [options]

Files are read and written by their extension: ${DATA_EXTENSIONS}. Without --out the predictions are a CSV on standard
output.

Each row is passed on as it is, with the columns ${PREDICTION_COLUMNS.join(', ')} after its own. The CSV needs the columns of
the model's inputs, in any order, in UTF-8. Bad rows are left out and listed on standard error; the exit code is then
1. What a spreadsheet would run as a formula gets an apostrophe in front, behind a separator within a cell too.
A Parquet file keeps its columns as they are, and a bad row its place, with nulls for predictions; whoever writes Parquet
reads it too.
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
      help: "a directory of models, or one version's folder (MODEL_DIR, or ./models)",
    },
    version: {
      type: 'string',
      value: 'VERSION',
      help: 'a version, or channel:NAME; without it what a server would choose',
    },
  },
  positionals: ['FILE'],
  optional: true,
  async run({ model, version, out }, positionals, io) {
    const path: string | undefined = positionals[0];
    const from =
      path === undefined || path === STDIN
        ? STDIN
        : checkPath('FILE', path, 'a file, or - for standard input');
    const to = out === undefined ? undefined : checkPath('--out', out, 'a file');
    checkFormats(from, to);
    return await predictFile(from, to, await openModel(directoryOf('--model', model, io), version), io);
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
