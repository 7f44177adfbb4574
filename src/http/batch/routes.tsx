/** @jsxImportSource hono/jsx */
import { type Context, Hono } from 'hono';
import { sampleFile } from '../../dataset/sample-file.ts';
import { AppError } from '../../errors.ts';
import { provenanceSentence } from '../../model/provenance.ts';
import { BatchPage } from '../../views/batch.tsx';
import { mediaTypeOf } from '../body.ts';
import { decodedBody } from '../content-encoding.ts';
import type { Deps } from '../deps.ts';
import { MediaTypeError } from '../errors.ts';
import { MAX_BATCHES, tooBusy } from '../limit.ts';
import { STATUS } from '../problem.ts';
import { readersFormat } from '../readers-format.ts';
import { render } from '../render.tsx';
import { csvDownload, RETRY_AFTER } from '../response-headers.ts';
import { liveModel } from '../variant.ts';
import { boundedBody, csvTooLarge, wholeBody } from './bounded.ts';
import { predictBody } from './predict-body.ts';
import { handleSlice } from './slice.ts';
import type { SpillArea } from './spill.ts';

const CSV = 'text/csv';
const FORM = 'multipart/form-data';

export function batchRoutes(deps: Deps): Hono {
  return new Hono()
    .get('/batch', (c) => page(c, deps))
    .get('/batch/sample.csv', (c) => sample(c, deps, false))
    .get('/batch/sample-with-a-bad-row.csv', (c) => sample(c, deps, true))
    .post('/batch', (c) => (mediaTypeOf(c) === FORM ? upload(c, deps) : stream(c, deps)))
    .post('/batch/slice', (c) => handleSlice(c, deps));
}

/** A file to begin from, for the model that reads it. */
function sample(c: Context, deps: Deps, refused: boolean): Response {
  const { manifest } = liveModel(deps);
  const name = `${manifest.name}-sample${refused ? '-with-a-bad-row' : ''}.csv`;
  return c.body(sampleFile(manifest, refused), 200, csvDownload(name));
}

/** Serves programs: the CSV itself, both ways. */
async function stream(c: Context, deps: Deps): Promise<Response> {
  const model = liveModel(deps);
  if (mediaTypeOf(c) !== CSV) throw new MediaTypeError(CSV);
  const { inFlight, maxUploadBytes, spill } = deps;
  const length = c.req.header('content-length');
  const declaredBytes = length === undefined ? undefined : Number(length);
  if (declaredBytes !== undefined && declaredBytes > maxUploadBytes) throw csvTooLarge(maxUploadBytes);
  const body = decodedBody(c) ?? new Blob().stream();
  if (!mayWaitOnDisk(spill, declaredBytes)) throw tooBusy(inFlight, 'disk');
  return await predictBody(c, deps, model, boundedBody(c, body, maxUploadBytes));
}

/** So much of a body does not need the disk: sockets hold it, or what it leads to. */
const IN_SOCKETS_BYTES = 1_048_576;

/**
 * Whether there is disk for a body whose client may read nothing before it has sent all, as far as can be told before it
 * is read. Nothing is reserved yet: whoever declares much and sends little would take the disk from everybody.
 *
 * @param declaredBytes undefined when the body does not say how long it is
 */
function mayWaitOnDisk({ maxBytes, freeBytes }: SpillArea, declaredBytes: number | undefined): boolean {
  if (maxBytes === 0) return true;
  if (declaredBytes === undefined) return freeBytes > 0;
  return declaredBytes <= Math.max(freeBytes, IN_SOCKETS_BYTES);
}

/** Serves the page without its script: a form with one small file, which is read whole before any row is predicted. */
async function upload(c: Context, deps: Deps): Promise<Response> {
  try {
    const model = liveModel(deps);
    const bytes = await formBytes(c, deps);
    const form = await new Response(bytes, { headers: { 'content-type': c.req.header('content-type')! } })
      .formData()
      .catch(() => new FormData());
    const file = form.get('file');
    if (file === null || typeof file === 'string' || file.size === 0) {
      throw new AppError('invalid', 'Cannot read the CSV: choose a file first.');
    }
    const source = boundedBody(c, file.stream(), deps.maxBodyBytes);
    return await predictBody(c, deps, model, source);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code === 'unavailable') c.header(...RETRY_AFTER);
    return page(c, deps, { status: STATUS[error.code], message: error.message });
  }
}

/** A form may come as slowly as any batch, so while it comes it counts as one. */
async function formBytes(c: Context, { inFlight, maxBodyBytes }: Deps): Promise<Uint8Array<ArrayBuffer>> {
  if (inFlight.batches >= MAX_BATCHES) throw tooBusy(inFlight, 'batches');
  inFlight.batches++;
  try {
    return await wholeBody(c, maxBodyBytes);
  } finally {
    inFlight.batches--;
  }
}

function page(c: Context, deps: Deps, failure?: { status: (typeof STATUS)['invalid']; message: string }) {
  const { model } = deps.live;
  const format = readersFormat(c, model?.manifest);
  return render(c, {
    status: failure?.status ?? 200,
    locale: format.locale,
    title: 'Many at once',
    section: 'batch',
    words: model?.words,
    body: (
      <BatchPage
        words={model?.words}
        name={model?.manifest.name ?? 'predictions'}
        features={model?.manifest.features ?? []}
        maxUploadBytes={deps.maxUploadBytes}
        maxFormBytes={deps.maxBodyBytes}
        maxRows={deps.maxBatchRows}
        provenance={model && provenanceSentence(model.manifest, format.number)}
        format={format}
        failure={failure?.message}
      />
    ),
  });
}
