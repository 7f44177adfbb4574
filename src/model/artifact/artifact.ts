import { AppError } from '../../errors.ts';
import { counted } from '../counted.ts';
import { FILES, type Manifest, manifestSchema } from '../manifest.ts';
import { parseJson } from '../parse-json.ts';
import { sha256 } from '../sha256.ts';
import { unusable } from '../unusable.ts';

/** The files of one version by the names they have in its folder, `manifest.json` and an optional `model.sig` too. */
export type ArtifactFiles = ReadonlyMap<string, Uint8Array>;

/** Files whose bytes are the ones that their manifest declares. */
export interface Artifact {
  manifest: Manifest;
  manifestSha256: string;
  files: ArtifactFiles;
}

export type DeclaredFile = Manifest['files'][number];

/**
 * @param where names the version: `version 3 in s3://bucket`
 * @throws AppError `corrupt`
 */
export function parseManifest(bytes: Uint8Array, version: string, where: string): Manifest {
  const what = `${FILES.manifest} of ${where}`;
  const manifest = parseJson(manifestSchema, bytes, what);
  if (manifest.version !== version) throw unusable(what, `it says that it is of version ${manifest.version}`);
  return manifest;
}

/** Holds a file against what the manifest says of it. @throws AppError `corrupt` */
export function checkFile(declared: DeclaredFile, bytes: Uint8Array, where: string): void {
  const what = `${declared.path} of ${where}`;
  if (bytes.length !== declared.bytes)
    throw unusable(what, `its manifest says ${counted(declared.bytes, 'byte')}, and it has ${bytes.length}`);
  if (sha256(bytes) !== declared.sha256) throw unusable(what, 'its sha256 is not the one in its manifest');
}

/** @throws AppError `corrupt` */
export function checkManifestSha256(actual: string, expected: string | undefined, where: string): void {
  if (expected !== undefined && actual !== expected)
    throw unusable(`${FILES.manifest} of ${where}`, 'its sha256 is not the one that was promoted');
}

/**
 * Checks a whole artifact that is about to be published: each declared file is there and as declared, and nothing
 * else is.
 * @throws AppError `corrupt` | `invalid`
 */
export function checkArtifact(files: ArtifactFiles): Artifact {
  const bytes = files.get(FILES.manifest);
  if (!bytes) throw new AppError('invalid', `Cannot publish the version: ${FILES.manifest} is missing.`);
  const manifest = parseJson(manifestSchema, bytes, `${FILES.manifest} of the version to publish`);
  const where = `version ${manifest.version}`;
  const unfit = (why: string) => new AppError('invalid', `Cannot publish ${where}: ${why}.`);
  const allowed = new Set<string>([FILES.manifest, FILES.signature]);
  for (const declared of manifest.files) {
    const file = files.get(declared.path);
    if (!file) throw unfit(`${declared.path} is missing`);
    checkFile(declared, file, where);
    allowed.add(declared.path);
  }
  for (const path of files.keys()) {
    if (!allowed.has(path)) throw unfit(`its manifest has no ${path}`);
  }
  return { manifest, manifestSha256: sha256(bytes), files };
}
