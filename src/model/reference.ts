import { z } from 'zod';

/**
 * reference.json: how the training data was distributed, one entry a feature, so that serving can count live
 * inputs into the same bins and see drift. Bin i holds `edges[i-1] <= x < edges[i]`; the first and last are open;
 * a choice has one bin a choice and no edges.
 */
export const referenceSchema = z.strictObject({
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
        .refine((f) => f.edges.every((edge, i) => i === 0 || edge > f.edges[i - 1]!), 'edges must rise')
        .refine(
          (f) => Math.abs(f.shares.reduce((sum, share) => sum + share, 0) - 1) < 1e-6,
          'shares must sum to 1',
        ),
    )
    .max(64),
});

export type Reference = z.infer<typeof referenceSchema>;
