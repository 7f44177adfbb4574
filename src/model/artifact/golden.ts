import { z } from 'zod';

/**
 * golden.json: inputs with the very numbers that the trainer got for them. Replaying them is how a loaded model
 * shows that this machine, runtime and evaluator compute what the trainer computed, bit for bit.
 */
export const goldenSchema = z.strictObject({
  rows: z
    .array(
      z.strictObject({
        inputs: z.record(z.string(), z.union([z.number(), z.string()])),
        /** The forest's own output. */
        score: z.number(),
        /** The prediction: the output after transform and clamp, in the target's unit. */
        amount: z.number(),
      }),
    )
    .min(1)
    .max(1000),
});

export type Golden = z.infer<typeof goldenSchema>;
