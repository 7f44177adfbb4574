import { type Manifest, manifestSchema } from '../../model/manifest.ts';
import { parseJson } from '../../model/parse-json.ts';
import { importModel } from '../../training/import-model.ts';
import { defineCommand, EXIT, UsageError } from '../command.ts';
import { dataName, readWhole, rereadable } from '../input.ts';
import { MAKE_OPTIONS, makeOptionsOf, makeVersion } from '../make-version.ts';
import { openDescription } from '../open-description.ts';
import { checkDataPath, checkPath } from '../paths.ts';

const MAX_ONNX_BYTES = 512 << 20;
const MAX_MANIFEST_BYTES = 1 << 20;

async function openManifest(path: string): Promise<Manifest> {
  return parseJson(manifestSchema, await readWhole(path, MAX_MANIFEST_BYTES), path);
}

export const importCommand = defineCommand({
  help: `Usage: savings import FILE.onnx --description FILE.model.json --data FILE.csv [options]
       savings import FILE.onnx --manifest FILE.json --data FILE.csv [options]

The ONNX file is skl2onnx's export of a RandomForestRegressor alone, over the columns of the encoding in their order,
with the rate as its target where the target is multiplied by a feature.

A forest is refused, and nothing written, when it is no better than always answering the mean, when it is worse than a
linear regression by more than chance, or when most of its predictions lie outside of what the target can be, as they
do when it predicts amounts and the manifest multiplies them by the income.
`,
  options: {
    description: {
      type: 'string',
      value: 'FILE',
      help: `what the model is, as for 'savings train'; what it leaves out is taken from the data, and what the
forest is from the forest`,
    },
    manifest: {
      type: 'string',
      value: 'FILE',
      help: `a manifest.json, such as an earlier version's: what it says of the name, the inputs, the target,
the trainer and the data is taken as it stands, so correct the last two; scores, interval and
all else that can be measured is measured anew`,
    },
    data: {
      type: 'string',
      value: 'FILE.csv',
      help: 'rows that the forest was not trained on, to measure it on; - is standard input',
    },
    ...MAKE_OPTIONS,
  },
  positionals: ['FILE.onnx'],
  async run(values, [path], io) {
    const { manifest, description, data } = values;
    if ((manifest === undefined) === (description === undefined))
      throw new UsageError('Say either --description FILE or --manifest FILE.json.');
    if (data === undefined) throw new UsageError('Say --data FILE.csv, with rows to measure the forest on.');
    checkPath('FILE.onnx', path, 'a file');
    if (manifest !== undefined) checkPath('--manifest', manifest, 'a file');
    checkDataPath(data);
    const options = makeOptionsOf(values, io);

    const onnx = await readWhole(path, MAX_ONNX_BYTES);
    const by =
      description === undefined
        ? { manifest: await openManifest(manifest!) }
        : { description: await openDescription(description), fileName: dataName(data) };
    await makeVersion(
      (shared) => importModel({ ...shared, onnx, by, csv: rereadable(data, io) }),
      options,
      io,
    );
    return EXIT.done;
  },
});
