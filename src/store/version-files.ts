import { AppError, isAppError } from '../errors.ts';
import { type Artifact, checkArtifact } from '../model/artifact/artifact.ts';
import { FILES } from '../model/manifest.ts';
import type { VerificationKeys } from '../model/signing/ecdsa.ts';
import { verifySignature } from '../model/signing/model-signature.ts';
import { DirectoryStore } from './directory/directory.ts';

const MAX_FILE_BYTES = 256 << 20;
const READ_MS = 60_000;
const KNOWN = new Set<string>(Object.values(FILES));

/**
 * A version from its own folder, wherever that lies; every file is as the manifest declares it, and there is no other.
 * @param publicKeys refuses what is not signed with it
 * @returns undefined when the folder holds no manifest, and so is no version's
 * @throws AppError `invalid`, `corrupt`, `unavailable`
 */
export async function readVersionFolder(
  directory: string,
  publicKeys?: VerificationKeys,
): Promise<Artifact | undefined> {
  const store = new DirectoryStore(directory);
  const read = async (path: string) =>
    (await store.get(path, { maxBytes: MAX_FILE_BYTES, timeoutMs: READ_MS })).bytes;
  const files = new Map<string, Uint8Array>();
  try {
    files.set(FILES.manifest, await read(FILES.manifest));
  } catch (error) {
    if (isAppError(error, 'not_found')) return undefined;
    throw error;
  }
  for (const path of await store.list('')) {
    if (!KNOWN.has(path))
      throw new AppError(
        'invalid',
        `Cannot use ${directory}: ${path} is no part of a version; move it away.`,
      );
    files.set(path, await read(path));
  }
  if (publicKeys) await verifySignature(files, publicKeys, `the version in ${directory}`);
  return checkArtifact(files);
}
