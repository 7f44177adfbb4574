import type { TypedResponse } from 'hono';
import { VERSION_HEADER } from './arm.ts';
import { secure } from './security-headers.ts';

/** Figures of a household are in it: it is not kept. */
const HEADERS = secure(new Headers({ 'content-type': 'application/json', 'cache-control': 'no-store' }));

/**
 * What `c.json` does for answers with predictions, in a fraction of its time: their headers are made once.
 *
 * @param version the model that answered
 */
export function jsonAnswer<T>(value: T, version: string): Response & TypedResponse<T, 200, 'json'> {
  const response = new Response(JSON.stringify(value), { headers: HEADERS });
  response.headers.set(VERSION_HEADER, version);
  return response as Response & TypedResponse<T, 200, 'json'>;
}
