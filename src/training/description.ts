import type { Feature, Manifest } from '../model/manifest.ts';

/** What a model is about, before any data has been seen; training adds the rest of the manifest. */
export interface ModelDescription extends Pick<Manifest, 'name' | 'derived' | 'encoding' | 'target'> {
  features: readonly Omit<Feature, 'trained'>[];
}
