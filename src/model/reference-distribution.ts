import { z } from 'zod';
import { type Feature, FILES } from './manifest.ts';
import { unusable } from './unusable.ts';

/**
 * reference.json: how the training data was distributed, one entry a feature, so that serving can count live
 * inputs into the same bins and measure drift. Bin i holds `edges[i-1] <= x < edges[i]`; the first and last are open;
 * a choice has one bin a choice and no edges.
 */
export const referenceDistributionSchema = z.strictObject({
  /** Training rows behind the shares. */
  rows: z.int().positive(),
  features: z
    .array(
      z
        .strictObject({
          feature: z.string(),
          edges: z.array(z.number()).max(63),
          /** Share of the training rows in each bin; they sum to 1. */
          shares: z.array(z.number().min(0).max(1)).min(1).max(64),
        })
        .refine((f) => f.edges.every((edge, i) => i === 0 || edge > f.edges[i - 1]), 'edges must rise')
        .refine(
          (f) => Math.abs(f.shares.reduce((sum, share) => sum + share, 0) - 1) < 1e-6,
          'shares must sum to 1',
        ),
    )
    .max(64),
});

export type Reference = z.infer<typeof referenceDistributionSchema>;

/** The distribution of a model that nothing is compared with, such as one that is being trained. */
export const NO_REFERENCE_DISTRIBUTION: Reference = { rows: 1, features: [] };

/**
 * Every entry must be of a feature, and have a bin for whatever that feature can be.
 *
 * @throws AppError `corrupt`
 */
export function checkReferenceDistribution(
  reference: Reference,
  features: readonly Pick<Feature, 'name' | 'choices'>[],
  where: string,
): void {
  const fail = (why: string) => unusable(`${FILES.reference} of ${where}`, why);
  const seen = new Set<string>();
  for (const [i, { feature: name, edges, shares }] of reference.features.entries()) {
    const feature = features.find((one) => one.name === name);
    if (feature === undefined) throw fail(`entry ${i} is of no feature of the manifest`);
    if (seen.has(name)) throw fail(`entry ${i} is of the same feature as an earlier one`);
    seen.add(name);
    const bins = feature.choices?.length ?? edges.length + 1;
    if (shares.length !== bins || (feature.choices !== undefined && edges.length > 0))
      throw fail(`entry ${i} has ${shares.length} shares and ${edges.length} edges for ${bins} bins`);
  }
}
