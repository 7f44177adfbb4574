import { parseArgs } from 'node:util';
import { manifestSchema } from '../../model/manifest.ts';
import { parseJson } from '../../model/parse-json.ts';
import { importModel } from '../../training/import-model.ts';
import { ACCEPT_WORSE_HELP, ACCEPT_WORSE_OPTION } from '../accept-worse.ts';
import { type Command, EXIT, UsageError } from '../command.ts';
import { inputBytes, readWhole } from '../input.ts';
import { checkVersionOption, gitShaOf, makeVersion } from '../make-version.ts';
import { checkDataPath, checkPath, directoryOf } from '../paths.ts';

const HELP = `savings import: take in a random forest that scikit-learn trained

Usage: savings import FILE.onnx --manifest FILE.json --data FILE.csv [options]

The ONNX file is skl2onnx's export of a RandomForestRegressor alone, over the columns of the manifest's encoding in
their order, with the rate as its target where the manifest multiplies by a feature.

  --manifest FILE     a manifest.json, such as an earlier version's: what it says of the name, the inputs, the target,
                      the trainer and the data is taken as it stands, so correct the last two; scores, interval and
                      all else that can be measured is measured anew
  --data FILE.csv     rows that the forest was not trained on, to measure it on; - is standard input
  --out DIR           where versions/ is (MODEL_DIR, or ./models)
  --version NAME      the version's name; without it, the day and a hash of the content
${ACCEPT_WORSE_HELP}
  --json              say what was made as JSON

A forest is refused, and nothing written, when it is no better than always answering the mean, when it is worse than a
linear regression by more than chance, or when most of its answers lie outside of what the target can be, as they do
when it answers amounts and the manifest multiplies them by the income.
`;

const MAX_ONNX_BYTES = 512 << 20;
const MAX_MANIFEST_BYTES = 1 << 20;

export const importCommand: Command = {
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        json: { type: 'boolean' },
        manifest: { type: 'string' },
        data: { type: 'string' },
        out: { type: 'string' },
        version: { type: 'string' },
        ...ACCEPT_WORSE_OPTION,
      },
    });
    if (values.help) {
      io.stdout.write(HELP);
      return EXIT.done;
    }
    const [path, ...others] = positionals;
    const { manifest: manifestPath, data, version } = values;
    if (path === undefined || others.length > 0) throw new UsageError('Say one FILE.onnx.');
    if (manifestPath === undefined) throw new UsageError('Say --manifest FILE.json.');
    if (data === undefined) throw new UsageError('Say --data FILE.csv, with rows to measure the forest on.');
    checkVersionOption(version);
    checkPath('FILE.onnx', path, 'a file');
    checkPath('--manifest', manifestPath, 'a file');
    checkDataPath(data);
    const out = directoryOf('--out', values.out, io);

    const onnx = await readWhole(path, MAX_ONNX_BYTES);
    const manifestBytes = await readWhole(manifestPath, MAX_MANIFEST_BYTES);
    const manifest = parseJson(manifestSchema, manifestBytes, manifestPath);
    await makeVersion(
      (onProgress) =>
        importModel({
          onnx,
          manifest,
          csv: inputBytes(data, io),
          version,
          gitSha: gitShaOf(io.env),
          acceptWorse: values['accept-worse'],
          onProgress,
        }),
      { out, version, json: values.json ?? false },
      io,
    );
    return EXIT.done;
  },
};
