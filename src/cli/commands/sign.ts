import { join } from 'node:path';
import type { ArtifactFiles } from '../../model/artifact/artifact.ts';
import { FILES, versionName } from '../../model/manifest.ts';
import type { SigningKey } from '../../model/signing/ecdsa.ts';
import { signFiles, verifySignature } from '../../model/signing/model-signature.ts';
import { replaceFile } from '../../store/directory/durable-file.ts';
import type { Registry } from '../../store/registry.ts';
import { defineCommand, EXIT, type Io, UsageError } from '../command.ts';
import { KEY_OPTION, signingKeyOf } from '../key-option.ts';
import { checkFolderPath, readFolder, verifyByLoading } from '../open-version.ts';
import { JSON_OPTION, writeSummary } from '../output.ts';
import { openRegistry, STORE_OPTION } from '../store-option.ts';

export const signCommand = defineCommand({
  help: `Usage: savings sign VERSION --key FILE [--store STORE]

VERSION is a version's folder (write ./folder), or a published version of the store. It is loaded as the server would
load it; then ${FILES.signature} is written beside its files: in a folder an earlier one is replaced, in the store a version is
signed once, and you vouch for what the store holds now. It is an OpenSSF Model Signing v1.0 bundle over every file,
which 'model_signing verify key' reads too.
A server with the public key in MODEL_PUBLIC_KEY serves nothing without such a signature. To make a pair:

  openssl ecparam -name prime256v1 -genkey -noout -out model.key
  openssl ec -in model.key -pubout -out model.pub
`,
  options: { ...KEY_OPTION, ...STORE_OPTION, ...JSON_OPTION },
  positionals: ['VERSION'],
  async run(values, [name], io) {
    const isPublished = versionName.safeParse(name).success;
    if (!isPublished) checkFolderPath(name);
    const key = await signingKeyOf(values.key, io);
    if (key === undefined) throw new UsageError('Say which key to sign with: --key FILE.');
    const { version, path } = isPublished
      ? await signPublished(name, await openUnverified(values.store, io), key)
      : await signFolder(name, key);
    const keyId = key.verification.id;
    const text = `Signed ${version}: ${path}, with the key whose public half has the sha256 ${keyId}\n`;
    await writeSummary(io, values.json, { version, path, keyId }, text);
    return EXIT.done;
  },
});

async function signFolder(directory: string, key: SigningKey) {
  const artifact = await readFolder(directory);
  await verifyByLoading(artifact);
  const { version } = artifact.manifest;
  const path = join(directory, FILES.signature);
  await replaceFile(path, await signFiles(artifact.files, version, key));
  return { version, path };
}

async function signPublished(version: string, registry: Registry, key: SigningKey) {
  const artifact = await registry.readVersion(version);
  await verifyByLoading(artifact);
  const path = `${registry.store.name}/versions/${version}/${FILES.signature}`;
  if (!(await isSignedWith(artifact.files, key)))
    await registry.addSignature(version, await signFiles(artifact.files, version, key));
  return { version, path };
}

/** Every signature differs, so a second one of the same key is told from another's only by verifying the first. */
async function isSignedWith(files: ArtifactFiles, key: SigningKey): Promise<boolean> {
  if (!files.has(FILES.signature)) return false;
  return await verifySignature(files, [key.verification], 'the version').then(
    () => true,
    () => false,
  );
}

/** What is to be signed is not signed yet, whatever MODEL_PUBLIC_KEY asks for. */
const openUnverified = (store: string | undefined, io: Io) =>
  openRegistry(store, { ...io, env: { ...io.env, MODEL_PUBLIC_KEY: undefined } });
