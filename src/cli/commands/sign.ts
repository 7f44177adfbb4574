import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { FILES } from '../../model/manifest.ts';
import { signFiles } from '../../model/signing/model-signature.ts';
import { replaceFile } from '../../store/directory/durable-file.ts';
import { type Command, EXIT, UsageError } from '../command.ts';
import { EXIT_HELP, onlyArgument } from '../open-registry.ts';
import { checkFolderPath, readFolder, verifyByLoading } from '../open-version.ts';
import { writeResult } from '../output.ts';
import { KEY_HELP, KEY_OPTIONS, signingKeyOf } from '../signing-key.ts';

const HELP = `savings sign: sign a version's folder, before it is published

Usage: savings sign DIR --key FILE

The version is loaded as the server would load it; then ${FILES.signature} is written beside its files (and an earlier one
replaced). It is an OpenSSF Model Signing v1.0 bundle over every file, which 'model_signing verify key' reads too.
A server with the public key in MODEL_PUBLIC_KEY serves nothing without such a signature. To make a pair:

  openssl ecparam -name prime256v1 -genkey -noout -out model.key
  openssl ec -in model.key -pubout -out model.pub

${KEY_HELP}
  --json              say what was done as JSON

${EXIT_HELP}
`;

export const signCommand: Command = {
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args,
      options: { help: { type: 'boolean', short: 'h' }, json: { type: 'boolean' }, ...KEY_OPTIONS },
      allowPositionals: true,
    });
    if (values.help) {
      io.stdout.write(HELP);
      return EXIT.done;
    }
    const directory = checkFolderPath(onlyArgument(positionals, 'folder'));
    const key = await signingKeyOf(values.key, io);
    if (key === undefined) throw new UsageError('Say which key to sign with: --key FILE.');
    const artifact = await readFolder(directory);
    await verifyByLoading(artifact);
    const { version } = artifact.manifest;
    const path = join(directory, FILES.signature);
    await replaceFile(path, await signFiles(artifact.files, version, key));
    const keyId = key.verification.id;
    const told = values.json
      ? `${JSON.stringify({ version, path, keyId })}\n`
      : `Signed ${version}: ${path}, with the key whose public half has the sha256 ${keyId}\n`;
    await writeResult(io.stdout, [told]);
    return EXIT.done;
  },
};
