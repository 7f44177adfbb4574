import { ASSET_PATHS } from '../../src/http/assets.ts';

type Fetch = (path: string, init: RequestInit) => Response | Promise<Response>;

export interface Progress {
  sentBytes: number;
  rows: number;
  badRows: number;
  /** The first of the file. */
  faults: string[];
  changes: { row: number; from: string; to: string }[];
}

interface PredictOptions {
  limits: { bytes: number; rows: number };
  show(progress: Progress): void;
  signal?: AbortSignal;
  sliceBytes?: number;
  fetch: Fetch;
}

/** The batch page's own code, as the app gives it to browsers. */
export async function batchScript(app: { request: Fetch }): Promise<{
  predictFile(file: Blob, options: PredictOptions): Promise<Blob>;
}> {
  const text = await (await app.request(ASSET_PATHS.batch, {})).text();
  return await import(URL.createObjectURL(new Blob([text], { type: 'text/javascript' })));
}
