import type { Context } from 'hono';
import type { Model } from '../model/model.ts';
import type { Trace } from './trace.ts';

/** What is known of one request while it is answered. Hono hands it to every handler as its environment. */
export interface RequestContext {
  /** Decoded. */
  readonly path: string;
  readonly trace: Trace;
  /** The model that predicts, once that is settled; the response names its version, and so does the log. */
  model: Model | undefined;
  /** Whether the response was made with the headers that response-headers.ts would add. */
  hasHeaders: boolean;
}

export function requestContextOf(c: Context): RequestContext {
  return c.env;
}
