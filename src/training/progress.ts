import { setImmediate } from 'node:timers/promises';

export const PHASES = ['data', 'forest', 'bands', 'calibration', 'scores', 'importances'] as const;

/** What training is at, in the order of `PHASES`: `forest` counts trees, `importances` shuffles, the others rows. */
export interface Progress {
  phase: (typeof PHASES)[number];
  done: number;
  /** Undefined while it is not known. */
  total: number | undefined;
}

/** How long work is watched and stopped. */
export interface ProgressHooks {
  onProgress?: ((progress: Progress) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** Tells how far the work is, lets timers and signals in, and stops where it was asked to. */
export async function report(hooks: ProgressHooks, progress: Progress): Promise<void> {
  hooks.onProgress?.(progress);
  await setImmediate();
  hooks.signal?.throwIfAborted();
}
