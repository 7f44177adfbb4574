import { AppError, messageOf } from '../errors.ts';
import type { Artifact, ArtifactFiles } from '../model/artifact/artifact.ts';
import type { Registry } from '../store/registry.ts';
import { verifyByLoading } from './open-version.ts';

/**
 * Publishes a version that has been verified, and reads it back as a server would.
 *
 * @returns what is published; created: false when it had been before
 * @throws AppError what `Registry.publishVersion` throws, and when what was uploaded cannot be served
 */
export async function publish(
  registry: Registry,
  files: ArtifactFiles,
): Promise<{ artifact: Artifact; created: boolean }> {
  const published = await registry.publishVersion(files);
  const { manifest, manifestSha256 } = published.artifact;
  try {
    await verifyByLoading(await registry.readVersion(manifest.version, manifestSha256));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const message = `Cannot read back version ${manifest.version}, which was uploaded: ${messageOf(error)} Do not promote it.`;
    throw new AppError(error.code, message, { cause: error });
  }
  return published;
}
