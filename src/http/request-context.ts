import type { Context } from 'hono';
import type { Model } from '../model/model.ts';
import type { Trace } from './trace.ts';

/** What is known of one request while it is answered. Hono hands it to every handler as its environment. */
export interface RequestContext {
  /** Decoded. */
  readonly path: string;
  readonly trace: Trace;
  /** Whose answer it is, once that is settled; the response names its version, and so does the log. */
  model: Model | undefined;
  /** Whether the response was made with all headers that `observe` would add: one by one they take time. */
  complete: boolean;
}

/** Names the version of the model that answered. */
export const VERSION_HEADER = 'savings-model-version';

export function requestContextOf(c: Context): RequestContext {
  return c.env;
}
