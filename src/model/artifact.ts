import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { AppError } from '../errors.ts';
import { FILES, type Manifest, manifestSchema } from './manifest.ts';

/** The bytes of one version, as they were fetched. */
export interface Artifact {
  version: string;
  /** What the channel, or whoever asked, says the manifest's sha256 must be; undefined when nobody says. */
  expectedSha256?: string | undefined;
  /** By file name, manifest.json among them. */
  files: ReadonlyMap<string, Uint8Array>;
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * @param failed how an error's message begins, such as `Cannot use golden.json of version x`
 * @throws AppError `corrupt` that names the place in the JSON and what it should be
 */
export function parseJson<T>(failed: string, bytes: Uint8Array, schema: z.ZodType<T>): T {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new AppError('corrupt', `${failed}: it is not JSON.`, { cause });
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const place = issue?.path.length ? `${issue.path.join('.')}: ` : '';
  throw new AppError('corrupt', `${failed}: ${place}${issue?.message}.`);
}

/**
 * Reads and checks manifest.json, which vouches for every other file.
 *
 * @throws AppError `corrupt`
 */
export function parseManifest(artifact: Artifact): Manifest {
  const failed = `Cannot use ${FILES.manifest} of version ${artifact.version}`;
  const bytes = artifact.files.get(FILES.manifest);
  if (bytes === undefined) throw new AppError('corrupt', `${failed}: it is missing.`);
  if (artifact.expectedSha256 !== undefined && sha256(bytes) !== artifact.expectedSha256) {
    throw new AppError('corrupt', `${failed}: its sha256 is not the one that the channel names.`);
  }
  const manifest = parseJson(failed, bytes, manifestSchema);
  if (manifest.version !== artifact.version) {
    throw new AppError('corrupt', `${failed}: it says that it is of another version.`);
  }
  return manifest;
}

/**
 * Checks one file against what the manifest says of it.
 *
 * @throws AppError `corrupt`
 */
export function verifyFile(
  version: string,
  file: Manifest['files'][number],
  bytes: Uint8Array | undefined,
): asserts bytes is Uint8Array {
  const failed = `Cannot use ${file.path} of version ${version}`;
  if (bytes === undefined) throw new AppError('corrupt', `${failed}: it is missing.`);
  if (bytes.length !== file.bytes) {
    throw new AppError(
      'corrupt',
      `${failed}: it has ${bytes.length} bytes, not the manifest's ${file.bytes}.`,
    );
  }
  if (sha256(bytes) !== file.sha256) {
    throw new AppError('corrupt', `${failed}: its sha256 is not the one in the manifest.`);
  }
}
