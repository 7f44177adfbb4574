import { parseArgs } from 'node:util';
import { shortcomingsField, shortcomingsLine } from '../accept-worse.ts';
import { type Command, EXIT } from '../command.ts';
import { EXIT_HELP, onlyArgument, openRegistry, STORE_HELP, STORE_OPTIONS } from '../open-registry.ts';
import { readVersionNamed, VERSION_HELP, verifyByLoading } from '../open-version.ts';
import { writeResult } from '../output.ts';

const HELP = `savings verify: check a version as the server would before it serves it

Usage: savings verify VERSION [--store STORE]

${VERSION_HELP}
Every file is held against the manifest's sha256, the forest's structure is checked, and the golden rows are replayed
bit for bit, by ml-random-forest and by the server's own evaluator. Scores that
speak against it are told, and are no fault here.

${STORE_HELP}

${EXIT_HELP}
`;

export const verifyCommand: Command = {
  async run(args, io) {
    const { values, positionals } = parseArgs({ args, options: STORE_OPTIONS, allowPositionals: true });
    if (values.help) {
      io.stdout.write(HELP);
      return EXIT.done;
    }
    const registry = await openRegistry(values.store, io);
    const artifact = await readVersionNamed(registry, onlyArgument(positionals, 'version'));
    const model = await verifyByLoading(artifact);
    const { version, manifest } = model;
    const told = { version, manifestSha256: model.sha256, ...shortcomingsField(manifest) };
    const text = `${version} is good: its files, its forest and its golden rows are the trainer's (manifest sha256 ${model.sha256})\n${shortcomingsLine(manifest)}`;
    await writeResult(io.stdout, [values.json ? `${JSON.stringify(told)}\n` : text]);
    return EXIT.done;
  },
};
