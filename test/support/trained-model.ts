import { compile } from '../../src/forest/predict.ts';
import { sha256 } from '../../src/model/artifact.ts';
import { FILES } from '../../src/model/manifest.ts';
import { Model } from '../../src/model/model.ts';
import { verifyArtifact } from '../../src/model/verify.ts';
import type { Artifact } from '../../src/training/train-model.ts';

/** The model in an artifact, through every check of loading. */
export function modelOf({ manifest: { version }, files }: Artifact): Model {
  const { manifest, forest } = verifyArtifact({ version, files });
  return new Model(manifest, sha256(files.get(FILES.manifest)!), compile(forest));
}
