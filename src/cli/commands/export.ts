import { counted } from '../../model/counted.ts';
import { loadVerified } from '../../model/artifact/load.ts';
import { exportOnnx } from '../../model/onnx/export-onnx.ts';
import { sha256 } from '../../model/sha256.ts';
import { replaceFile } from '../../store/directory/durable-file.ts';
import { VERSION } from '../../version.ts';
import { spawnLoadWorker } from '../../workers.ts';
import { defineCommand, EXIT, UsageError } from '../command.ts';
import { STDIN } from '../input.ts';
import { readVersionNamed, WHICH_VERSION } from '../open-version.ts';
import { JSON_OPTION, writeSummary } from '../output.ts';
import { checkPath } from '../paths.ts';
import { openRegistry, STORE_OPTION } from '../store-option.ts';

export const exportCommand = defineCommand({
  help: `Usage: savings export VERSION --onnx --out FILE.onnx [--store STORE]

VERSION is ${WHICH_VERSION}.
The graph takes the model's inputs by their names, a column [N, 1] each: numbers as float64, choices as texts. It gives
prediction, low and high as float64, in the target's unit, and NaN for a row that the API would refuse: with an input
that is NaN, beyond its range or none of its choices. Operators of ai.onnx 21 and ai.onnx.ml 5:
onnxruntime 1.21 or later.
`,
  options: {
    onnx: { type: 'boolean', help: 'the format, which is the only one' },
    out: {
      type: 'string',
      value: 'FILE.onnx',
      help: 'the file to write; one that is there is replaced when the new one is whole',
    },
    ...STORE_OPTION,
    ...JSON_OPTION,
  },
  positionals: ['VERSION'],
  async run({ onnx, out, store, json }, [name], io) {
    if (onnx !== true) throw new UsageError('Say which format: --onnx.');
    if (out === undefined) throw new UsageError('Say which file to write: --out FILE.onnx.');
    if (out === STDIN)
      throw new UsageError('--out must be a file: a graph is not written to standard output.');
    checkPath('--out', out, 'a file');
    const registry = await openRegistry(store, io);
    const artifact = await readVersionNamed(registry, name);
    const verified = await loadVerified(artifact, { spawn: spawnLoadWorker });
    const bytes = exportOnnx(verified, artifact.manifestSha256, VERSION);
    await replaceFile(out, bytes);

    const { version, features } = verified.manifest;
    const summary = { version, path: out, bytes: bytes.length, sha256: sha256(bytes) };
    const size = `${counted(features.length, 'input')}, ${counted(bytes.length, 'byte', bytes.length.toLocaleString('en'))}`;
    await writeSummary(io, json, summary, `Wrote ${out}: ${version}, ${size} (sha256 ${summary.sha256})\n`);
    return EXIT.done;
  },
});
