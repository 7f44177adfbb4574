import { compile } from '../../src/forest/predict.ts';
import type { Artifact } from '../../src/model/artifact/artifact.ts';
import { Model } from '../../src/model/model.ts';
import { verifyArtifact } from '../../src/model/artifact/verify.ts';

/** The model in an artifact, through every check of loading. */
export function modelOf(artifact: Artifact): Model {
  const { manifest, forest } = verifyArtifact(artifact);
  return new Model(manifest, artifact.manifestSha256, compile(forest));
}
