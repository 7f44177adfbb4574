import type { Feature, Manifest } from '../model/manifest.ts';

/** What a model is about, before any data has been seen; training adds the rest of the manifest. */
export interface ModelDescription
  extends Pick<Manifest, 'name' | 'derived' | 'encoding' | 'rules' | 'examples' | 'target'> {
  features: readonly Omit<Feature, 'trained'>[];
}

/** The features as they are before training: whatever is accepted counts as known. */
export function acceptedFeatures({ features }: ModelDescription): Feature[] {
  return features.map((feature) => ({ ...feature, trained: { min: feature.min, max: feature.max } }));
}
