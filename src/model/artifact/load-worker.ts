/** Verifies one artifact off the main thread, so that a refresh never stalls a request. See load.ts. */
import { AppError, type ErrorCode, messageOf } from '../../errors.ts';
import type { Artifact } from './artifact.ts';
import { type Verified, verifyArtifact } from './verify.ts';

export type LoadReply =
  | ({ ok: true } & Verified)
  | { ok: false; code: ErrorCode | 'defect'; message: string };

const scope = globalThis as unknown as Worker;

scope.onmessage = (event: MessageEvent<Artifact>) => {
  let reply: LoadReply;
  try {
    reply = { ok: true, ...verifyArtifact(event.data) };
  } catch (error) {
    reply = {
      ok: false,
      code: error instanceof AppError ? error.code : 'defect',
      message: messageOf(error),
    };
  }
  scope.postMessage(reply);
};
