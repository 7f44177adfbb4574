import { join } from 'node:path';
import { FILES } from '../../model/manifest.ts';
import { signFiles } from '../../model/signing/model-signature.ts';
import { replaceFile } from '../../store/directory/durable-file.ts';
import { defineCommand, EXIT, UsageError } from '../command.ts';
import { KEY_OPTION, signingKeyOf } from '../key-option.ts';
import { checkFolderPath, readFolder, verifyByLoading } from '../open-version.ts';
import { JSON_OPTION, writeSummary } from '../output.ts';

export const signCommand = defineCommand({
  help: `Usage: savings sign DIR --key FILE

The version is loaded as the server would load it; then ${FILES.signature} is written beside its files (and an earlier one
replaced). It is an OpenSSF Model Signing v1.0 bundle over every file, which 'model_signing verify key' reads too.
A server with the public key in MODEL_PUBLIC_KEY serves nothing without such a signature. To make a pair:

  openssl ecparam -name prime256v1 -genkey -noout -out model.key
  openssl ec -in model.key -pubout -out model.pub
`,
  options: { ...KEY_OPTION, ...JSON_OPTION },
  positionals: ['DIR'],
  async run(values, [directory], io) {
    checkFolderPath(directory);
    const key = await signingKeyOf(values.key, io);
    if (key === undefined) throw new UsageError('Say which key to sign with: --key FILE.');
    const artifact = await readFolder(directory);
    await verifyByLoading(artifact);
    const { version } = artifact.manifest;
    const path = join(directory, FILES.signature);
    await replaceFile(path, await signFiles(artifact.files, version, key));
    const keyId = key.verification.id;
    const text = `Signed ${version}: ${path}, with the key whose public half has the sha256 ${keyId}\n`;
    await writeSummary(io, values.json, { version, path, keyId }, text);
    return EXIT.done;
  },
});
