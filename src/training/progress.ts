import { setImmediate } from 'node:timers/promises';
import type { TrainMethod } from '../forest/train/train-method.ts';

export const PHASES = ['data', 'forest', 'bands', 'calibration', 'scores', 'importances'] as const;

/** The phase of training, in the order of `PHASES`: `forest` counts trees, `importances` shuffles, the others rows. `bands` is of split-conformal intervals alone. */
export interface Progress {
  phase: (typeof PHASES)[number];
  done: number;
  /** Undefined while it is not known. */
  total: number | undefined;
  /** How a forest is grown. */
  method?: TrainMethod;
}

/** How whoever waits for long work hears of its progress and stops it. */
export interface ProgressHooks {
  onProgress?: ((progress: Progress) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** Reports the progress, lets timers and signals in, and throws the signal's reason once it is aborted. */
export async function report(hooks: ProgressHooks, progress: Progress): Promise<void> {
  hooks.onProgress?.(progress);
  await setImmediate();
  hooks.signal?.throwIfAborted();
}
