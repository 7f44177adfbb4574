import { withDeadline } from '../../deadline.ts';
import { AppError } from '../../errors.ts';
import { compile } from '../../forest/predict.ts';
import type { Artifact } from './artifact.ts';
import type { LoadReply } from './load-worker.ts';
import { Model } from '../model.ts';
import type { Verified } from './verify.ts';

export interface LoadOptions {
  /** Starts a worker of load-worker.ts. */
  spawn: () => Worker;
  /** Checks that take longer than this are given up: some hostile artifacts only cost time. */
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
}

const DEFAULT_TIMEOUT_MS = 60_000;

/**
 * Bytes to a verified model, or an error that says which check failed.
 *
 * @throws AppError `corrupt`, or `unavailable` when it was given up
 */
export async function loadModel(artifact: Artifact, options: LoadOptions): Promise<Model> {
  const { manifest, forest, reference } = await loadVerified(artifact, options);
  return new Model(manifest, artifact.manifestSha256, compile(forest), reference, forest);
}

/**
 * What an artifact holds, after every check. They run in a worker of their own, which takes its memory with it when it
 * ends.
 *
 * @throws as `loadModel`
 */
export async function loadVerified(artifact: Artifact, options: LoadOptions): Promise<Verified> {
  const worker = options.spawn();
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const givenUp = (why: string) =>
    new AppError('unavailable', `Cannot use version ${artifact.manifest.version}: its checks ${why}.`);
  try {
    const replied = new Promise<LoadReply>((resolve, reject) => {
      worker.onmessage = (event: MessageEvent<LoadReply>) => resolve(event.data);
      worker.onerror = (event) => {
        event.preventDefault();
        reject(givenUp(`ended early (${event.message})`));
      };
      worker.postMessage(artifact);
    });
    const reply = await withDeadline(replied, { timeoutMs, signal: options.signal }, (reason) =>
      givenUp(reason === 'late' ? `took longer than ${timeoutMs} ms` : 'were stopped'),
    );
    if (!reply.ok) {
      if (reply.code === 'defect') throw new Error(reply.message);
      throw new AppError(reply.code, reply.message);
    }
    return reply;
  } finally {
    worker.terminate();
  }
}
