import type { Context } from 'hono';
import { z } from 'zod';
import type { PredictHooks } from '../../dataset/predict-csv.ts';
import { predictSlice } from '../../dataset/predict-slice.ts';
import { describeFault } from '../../dataset/row-reader.ts';
import { AppError } from '../../errors.ts';
import { mediaTypeOf } from '../body.ts';
import type { Deps } from '../deps.ts';
import { MediaTypeError } from '../errors.ts';
import { MAX_BATCHES, tooBusy } from '../limit.ts';
import { jsonResponse } from '../response-headers.ts';
import { liveModel } from '../variant.ts';
import { wholeBody } from './bounded.ts';

/** Enough for the longest header, 64 K characters of three bytes, and as much of the file as the page sends at once. */
const MAX_SLICE_BYTES = 1_048_576;

/** Faults told of each slice; the page shows no more of the whole file. */
const MAX_FAULTS = 20;

/** Where the slice stands in its file: the `next` of the response to the slice before it, and whether it is the last. */
const SLICE_HEADER = 'savings-slice';

const place = z.int().nonnegative();
const sliceSchema = z
  .strictObject({
    at: place,
    headerFrom: place,
    headerTo: place,
    line: place.min(1),
    skipping: z.boolean(),
    isLast: z.boolean(),
  })
  .refine(({ at, headerFrom, headerTo }) => headerFrom <= headerTo && headerTo <= at);

/**
 * Serves the page's script, which sends a file slice by slice: predicts the whole rows of one slice and says where the
 * next begins. The script itself parses nothing.
 */
export async function handleSlice(c: Context, deps: Deps): Promise<Response> {
  const { inFlight, metrics, log, maxBatchRows, scoring } = deps;
  const model = liveModel(deps);
  if (mediaTypeOf(c) !== 'text/csv') throw new MediaTypeError('text/csv');
  const { isLast, ...position } = sliceOf(c);
  if (inFlight.batches >= MAX_BATCHES) throw tooBusy(inFlight, 'batches');
  inFlight.batches++;
  try {
    const bytes = await wholeBody(c, MAX_SLICE_BYTES);
    if (position.headerTo - position.headerFrom > bytes.length) throw badSlice();
    const began = performance.now();
    let [rows, badRows] = [0, 0];
    const faults: string[] = [];
    const hooks: PredictHooks = {
      onFault(fault) {
        badRows++;
        if (faults.length < MAX_FAULTS) faults.push(describeFault(fault));
        metrics.rejected(fault.errors ?? []);
      },
      onPredicted(chunk) {
        rows += chunk.rows;
        metrics.predictedMany(model, 'champion', 'batch', chunk.counts!, chunk.ms);
      },
    };
    const slice = { position, isLast, bytes };
    const { next, csv } = await predictSlice(slice, model, hooks, maxBatchRows, scoring);
    log.info('batch', { how: 'slice', rows, badRows, ms: Math.round(performance.now() - began) });
    return jsonResponse(c, model, { next, csv, rows, badRows, faults });
  } finally {
    inFlight.batches--;
  }
}

function sliceOf(c: Context): z.infer<typeof sliceSchema> {
  const text = c.req.header(SLICE_HEADER) ?? '';
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw badSlice();
  }
  const { success, data } = sliceSchema.safeParse(json);
  if (!success) throw badSlice();
  return data;
}

const badSlice = () =>
  new AppError(
    'invalid',
    `Cannot read the slice: ${SLICE_HEADER} must be what the response before it gave as next.`,
  );
