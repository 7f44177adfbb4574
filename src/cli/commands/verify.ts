import { shortcomingsField, shortcomingsLine } from '../accept-worse.ts';
import { defineCommand, EXIT } from '../command.ts';
import { readVersionNamed, verifyByLoading, WHICH_VERSION } from '../open-version.ts';
import { JSON_OPTION, writeSummary } from '../output.ts';
import { openRegistry, STORE_OPTION } from '../store-option.ts';

export const verifyCommand = defineCommand({
  help: `Usage: savings verify VERSION [--store STORE]

VERSION is ${WHICH_VERSION}.
Every file is held against the manifest's sha256, the forest's structure is checked, and the golden rows are replayed
bit for bit, by ml-random-forest and by the server's own evaluator. Scores that speak against it are told, and are no
fault here.
`,
  options: { ...STORE_OPTION, ...JSON_OPTION },
  positionals: ['VERSION'],
  async run(values, [name], io) {
    const registry = await openRegistry(values.store, io);
    const { version, manifest, sha256 } = await verifyByLoading(await readVersionNamed(registry, name));
    const summary = { version, manifestSha256: sha256, ...shortcomingsField(manifest) };
    const text = `${version} is good: its files, its forest and its golden rows are the trainer's (manifest sha256 ${sha256})\n`;
    await writeSummary(io, values.json, summary, text + shortcomingsLine(manifest));
    return EXIT.done;
  },
});
