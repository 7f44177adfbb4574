import type { Forest } from '../forest/forest.ts';
import { compile } from '../forest/predict.ts';
import type { Manifest } from './manifest.ts';
import { Model } from './model.ts';
import type { Reference } from './reference-distribution.ts';

/** What a verified model is made of, for another thread to make it again. The forest is in memory that both share. */
export interface ModelParts {
  manifest: Manifest;
  sha256: string;
  reference: Reference;
  forest: Forest;
}

/** A model's parts for predicting, without what explains. */
export function partsOf({ manifest, sha256, reference, forest }: Model): ModelParts {
  return { manifest, sha256, reference, forest: { ...forest!, means: null } };
}

/** @param parts of a model that has passed every check */
export function modelOf({ manifest, sha256, reference, forest }: ModelParts): Model {
  return new Model(manifest, sha256, compile(forest), reference, forest);
}
