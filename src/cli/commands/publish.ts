import { parseArgs } from 'node:util';
import { AppError, messageOf } from '../../errors.ts';
import {
  ACCEPT_WORSE_HELP,
  ACCEPT_WORSE_OPTION,
  checkAccepted,
  shortcomingsField,
  shortcomingsLine,
} from '../accept-worse.ts';
import { type Command, EXIT } from '../command.ts';
import { EXIT_HELP, onlyArgument, openRegistry, STORE_HELP, STORE_OPTIONS } from '../open-registry.ts';
import { readFolder, verifyByLoading } from '../open-version.ts';
import { writeResult } from '../output.ts';

const HELP = `savings publish: put a version into the store, once

Usage: savings publish DIR [--store STORE] [--accept-worse]

DIR is a version's folder, as 'savings train' writes it. It is loaded as the server would load it, then uploaded with
its manifest last, then read back and loaded again. A version never changes: another one of the same name is refused;
the very same is left as it is, and what an earlier attempt left unfinished is completed. Nothing is served by this:
'savings promote' does that. A model that its own scores speak against
is refused, as by 'savings train'.

${ACCEPT_WORSE_HELP}
${STORE_HELP}

${EXIT_HELP}
`;

export const publishCommand: Command = {
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args,
      options: { ...STORE_OPTIONS, ...ACCEPT_WORSE_OPTION },
      allowPositionals: true,
    });
    if (values.help) {
      io.stdout.write(HELP);
      return EXIT.done;
    }
    const registry = await openRegistry(values.store, io);
    const local = await readFolder(onlyArgument(positionals, 'folder'), registry.publicKey);
    await verifyByLoading(local);
    checkAccepted(`publish version ${local.manifest.version}`, local.manifest, values['accept-worse']);
    const { artifact, created } = await registry.publishVersion(local.files);
    const { version } = artifact.manifest;
    const { manifestSha256 } = artifact;
    try {
      await verifyByLoading(await registry.readVersion(version, manifestSha256));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const told = `Could not read back version ${version}, which was uploaded: ${messageOf(error)}. Do not promote it`;
      throw new AppError(error.code, told, { cause: error });
    }
    const store = registry.store.name;
    const done = { version, manifestSha256, store, created, ...shortcomingsField(artifact.manifest) };
    const said = created
      ? `Published ${version} in ${store}\n`
      : `${version} was there already, the same, in ${store}\n`;
    const text = said + shortcomingsLine(artifact.manifest);
    await writeResult(io.stdout, [values.json ? `${JSON.stringify(done)}\n` : text]);
    return EXIT.done;
  },
};
