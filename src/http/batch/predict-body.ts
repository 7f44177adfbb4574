import type { Context } from 'hono';
import { predictCsv } from '../../dataset/predict-csv.ts';
import { messageOf } from '../../errors.ts';
import type { Model } from '../../model/model.ts';
import type { Deps } from '../deps.ts';
import { logDefect } from '../errors.ts';
import { MAX_BATCHES, tooBusy } from '../limit.ts';
import { requestContextOf } from '../request-context.ts';
import { csvDownload } from '../response-headers.ts';
import { BATCH_IDLE_MS } from './bounded.ts';
import { ReadAhead } from './read-ahead.ts';
import { streamResponse } from './stream-response.ts';

/**
 * Predicts a CSV while it comes, and responds row by row, in constant memory. What a client sends while it does not read
 * waits on disk.
 *
 * @throws AppError `invalid` or `too_large` when it fails before the response has begun; later that is cut
 */
export async function predictBody(
  c: Context,
  deps: Deps,
  model: Model,
  source: AsyncGenerator<Uint8Array, void, void>,
): Promise<Response> {
  const { metrics, inFlight, log, maxBatchRows, scoring, spill, fullDuplex } = deps;
  if (inFlight.batches >= MAX_BATCHES) throw tooBusy(inFlight, 'batches');
  const readAhead = new ReadAhead(source, {
    spill,
    fullDuplex,
    onSpillFailure(error) {
      log.warn('cannot put an upload on disk', { directory: spill.directory, reason: messageOf(error) });
    },
  });
  const began = performance.now();
  let rows = 0;
  let badRows = 0;
  const lines = predictCsv(
    readAhead.bytes(),
    model,
    {
      onFault({ errors = [] }) {
        badRows++;
        metrics.rejected(errors);
      },
      onPredicted(chunk) {
        rows += chunk.rows;
        metrics.predictedMany(model, 'champion', 'batch', chunk.counts!, chunk.ms);
      },
    },
    { keepBadRows: true, counts: true, maxRows: maxBatchRows, pool: scoring },
  );
  // Until the header is read and fits the model, a refusal can still be a status.
  inFlight.batches++;
  const first = await lines.next().catch((error) => {
    inFlight.batches--;
    throw error;
  });
  // The response is on its way long before the work is done: a stopping server must wait for it.
  inFlight.began();
  const stream = streamResponse(first.value ?? new Uint8Array(), lines, {
    signal: c.req.raw.signal,
    idleMs: BATCH_IDLE_MS,
    lastByteAt: () => readAhead.lastByteAt,
    onEnd(how, reason) {
      inFlight.ended();
      inFlight.batches--;
      const { spilledBytes } = readAhead;
      const ms = Math.round(performance.now() - began);
      log.info('batch', { how, reason, rows, badRows, spilledBytes, ms });
    },
    onDefect: (error) => logDefect(log, error),
  });
  requestContextOf(c).model = model;
  return c.body(stream, 200, csvDownload(`${model.manifest.name}.csv`));
}
