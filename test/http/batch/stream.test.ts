import { beforeAll, describe, expect, test } from 'bun:test';
import { tmpdir } from 'node:os';
import { sampleCsv } from '../../../src/dataset/synthetic/sample-csv.ts';
import { SpillArea } from '../../../src/http/batch/spill.ts';
import { MAX_BATCHES } from '../../../src/http/limit.ts';
import { HOUSEHOLD, testApp } from '../../support/app.ts';
import { OTHER_FORMATS } from '../../support/other-formats.ts';

let server: Awaited<ReturnType<typeof testApp>>;
beforeAll(async () => {
  server = await testApp();
});

const csv = [...sampleCsv(500, 3)].join('');
const rows = csv.trimEnd().split('\n');

type Body = string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;

const post = async (body: Body, headers: Record<string, string> = {}, app = server.app) =>
  await app.request('/batch', { method: 'POST', headers: { 'content-type': 'text/csv', ...headers }, body });

const linesOf = async (response: Response) => (await response.text()).trimEnd().split('\n');

const detailOf = async (response: Response) => {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  return (await response.json()).detail as string;
};

/** A body that comes in pieces, as long as somebody reads it. */
function pieces(...texts: string[]) {
  const state = { read: 0, cancelled: false };
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const text = texts[state.read++];
        if (text === undefined) controller.close();
        else controller.enqueue(new TextEncoder().encode(text));
      },
      cancel() {
        state.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, state };
}

describe('POST /batch with text/csv', () => {
  test('gives every row back as it was, with its prediction', async () => {
    const response = await post(csv);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const out = await linesOf(response);
    expect(out).toHaveLength(rows.length);
    expect(out[0]).toBe(`${rows[0]},prediction,low,high,error`);
    for (let row = 1; row < rows.length; row++) {
      expect(out[row]).toMatch(/(,\d+\.\d\d){3},$/);
      expect(out[row]).toStartWith(`${rows[row]},`);
    }
  });

  test('predicts what the API predicts; columns stand in any order, others are passed through', async () => {
    const features = server.model.manifest.features.toReversed();
    const header = ['note', ...features.map(({ column }) => column)].join(',');
    const values = features.map(({ name }) => HOUSEHOLD[name as keyof typeof HOUSEHOLD]);
    const [, line] = await linesOf(await post(`\uFEFF${header}\r\n"a ""note"", quoted",${values}\r\n`));
    const { amount } = server.model.predict(HOUSEHOLD);
    expect(line).toStartWith('"a ""note"", quoted",');
    expect(line).toContain(`,${amount.toFixed(2)},`);
  });

  test('keeps good rows and says of bad ones which line they are and why', async () => {
    const out = await linesOf(await post([...rows.slice(0, 3), 'oops', rows[3]].join('\n')));
    expect(out).toHaveLength(5);
    expect(out[3]).toEndWith('line 4: has 1 field where the header has 27');
    expect(out[4]).toEndWith(',');
  });

  test('neutralises what a spreadsheet would run', async () => {
    const [header, row] = await linesOf(await post(`=cmd(),${rows[0]}\n@x,${rows[1]}\n`));
    expect(header).toStartWith("'=cmd(),");
    expect(row).toStartWith("'@x,");
  });

  test('responds while it reads', async () => {
    const { stream, state } = pieces(`${rows[0]}\n`, `${rows[1]}\n`, `${rows[2]}\n`, `${rows[3]}\n`);
    const response = await post(stream);
    const reader = response.body!.getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toStartWith(rows[0]);
    expect(new TextDecoder().decode((await reader.read()).value)).toStartWith(rows[1]);
    expect(state.read).toBeLessThan(4);
    await reader.cancel();
  });

  test.each([
    ['an empty body', '', 'it is empty'],
    ['a header that lacks columns', 'a,b\n1,2\n', 'has no column'],
    ['a column that would be added', `error,${rows[0]}\n`, 'has a column error already'],
    ['what is not UTF-8', new Uint8Array([0x61, 0xe9, 0x0a]), 'line 1 is not UTF-8'],
  ])('refuses %s with 400', async (_, body, detail) => {
    const response = await post(body);
    expect(response.status).toBe(400);
    expect(await detailOf(response)).toContain(detail);
  });

  test.each(OTHER_FORMATS)('says of %s what it is', async (_, bytes, said) => {
    const response = await post(new Uint8Array(bytes));
    expect(response.status).toBe(400);
    expect(await detailOf(response)).toStartWith(`Cannot read the CSV: ${said}`);
  });

  test('refuses another type with 415, and says which it takes', async () => {
    const response = await post(csv, { 'content-type': 'application/json' });
    expect([response.status, response.headers.get('accept')]).toEqual([415, 'text/csv']);
  });

  test('refuses with 503, before reading, what the disk that uploads may wait on has no room for', async () => {
    const spill = new SpillArea(tmpdir(), 3_000_000);
    const { app, deps } = await testApp({ spill, maxUploadBytes: 3_000_000 });
    const askFor = async (headers: Record<string, string>) => {
      const { stream, state } = pieces(csv);
      const response = await post(stream, headers, app);
      const { status } = response;
      if (status === 200) await response.body?.cancel();
      return { status, retryAfter: response.headers.get('retry-after'), isRead: state.read > 0 };
    };
    const refused = { status: 503, retryAfter: '5', isRead: false };
    const taken = { status: 200, retryAfter: null, isRead: true };
    expect(spill.reserve(1_000)).toBeTrue();
    expect(await askFor({ 'content-length': '2999001' })).toEqual(refused);
    expect(await askFor({ 'content-length': '2999000' })).toEqual(taken);
    expect(await askFor({})).toEqual(taken);
    // Who declares much has taken nothing by that.
    expect(spill.freeBytes).toBe(2_999_000);
    expect(spill.reserve(2_999_000)).toBeTrue();
    expect(await askFor({})).toEqual(refused);
    expect(await askFor({ 'content-length': '1048577' })).toEqual(refused);
    // What is small needs no disk.
    expect(await askFor({ 'content-length': '1048576' })).toEqual(taken);
    expect(deps.inFlight.refused).toEqual({ requests: 0, batches: 0, disk: 3 });
  });

  test('refuses what says that it is too large with 413, before reading', async () => {
    const { stream, state } = pieces(csv);
    const response = await post(stream, { 'content-length': '1048577' });
    expect(response.status).toBe(413);
    expect(await detailOf(response)).toContain('1048576 bytes');
    expect(state.read).toBe(0);
  });

  test('cuts the response, never ending it as if whole, where too many bytes or rows come', async () => {
    const block = `${rows.slice(1).join('\n')}\n`;
    const many = pieces(`${rows[0]}\n`, ...Array.from({ length: 50 }, () => block));
    const response = await post(many.stream);
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow('cut');
    expect(many.state.cancelled).toBeTrue();
    expect(many.state.read).toBeLessThan(10);
    expect(server.lines.at(-1)).toContain('"how":"broken"');
    expect(server.lines.at(-1)).toContain('more than 1000 rows');
    expect(server.lines.at(-1)).toContain('"rows":1000');

    const wide = pieces(`${rows[0]}\n`, ...Array.from({ length: 1_100 }, () => `${'x'.repeat(999)}\n`));
    const roomy = await testApp({ maxBatchRows: 1_000_000 });
    await expect((await post(wide.stream, {}, roomy.app)).text()).rejects.toThrow('cut');
    expect(roomy.lines.at(-1)).toContain('over 1048576 bytes');
  });

  test('cuts the response where the bytes stop being UTF-8', async () => {
    const body = new Blob([`${rows[0]}\n${rows[1]}\n`, new Uint8Array([0xff])]);
    const parts = [await body.slice(0, -1).bytes(), await body.slice(-1).bytes()];
    const stream = new ReadableStream({
      pull(controller) {
        const part = parts.shift();
        if (part) controller.enqueue(part);
        else controller.close();
      },
    });
    await expect((await post(stream)).text()).rejects.toThrow('cut');
  });

  test('stops the work when nobody reads on', async () => {
    const block = `${rows.slice(1, 51).join('\n')}\n`;
    const { stream, state } = pieces(`${rows[0]}\n`, ...Array.from({ length: 15 }, () => block));
    const reader = (await post(stream)).body!.getReader();
    await reader.read();
    await reader.cancel();
    expect(state.cancelled).toBeTrue();
    expect(state.read).toBeLessThan(6);
    expect(server.lines.at(-1)).toContain('"how":"stopped"');
  });

  test('counts its predictions, refusals and endings; a stopping server waits for it', async () => {
    const metrics = await server.deps.metrics.registry.metrics();
    expect(metrics).toMatch(/savings_predictions_total\{[^}]*surface="batch"[^}]*\} [1-9]/);
    const { stream } = pieces(`${rows[0]}\n`, `${rows[1]}\n`);
    const response = await post(stream);
    expect(server.deps.inFlight.count).toBe(1);
    await response.text();
    expect(server.deps.inFlight.count).toBe(0);
  });

  test('puts no input into the log', async () => {
    const secret = rows[1].replace(/^[^,]*/, '48151.62');
    await (await post(`${rows[0]}\n${secret}\n${secret},x\n`)).text();
    expect(server.lines.join('\n')).not.toContain('48151');
  });

  test('says 503 until a model is live', async () => {
    const state = { model: undefined, loadedAt: undefined, stale: undefined, failure: undefined };
    const { app } = await testApp({ live: { model: undefined, state } });
    const response = await post(csv, {}, app);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
  });
});

describe('the batch page without its script', () => {
  const upload = async (file: File | string | undefined) => {
    const form = new FormData();
    if (file !== undefined) form.set('file', file);
    return await server.app.request('/batch', { method: 'POST', body: form });
  };

  test('takes a small file in a form and gives it back as a download', async () => {
    const response = await upload(
      new File([rows.slice(0, 101).join('\n')], 'households.csv', { type: 'text/csv' }),
    );
    expect(response.status).toBe(200);
    expect(response.headers.get('content-disposition')).toContain('attachment');
    expect(await linesOf(response)).toHaveLength(101);
  });

  test.each([
    ['no file', undefined, 400, 'choose a file first'],
    ['text in place of a file', 'x', 400, 'choose a file first'],
    ['a file that is none of ours', new File(['a,b\n'], 'x.csv'), 400, 'has no column'],
    [
      'one with semicolons',
      new File([rows.slice(0, 9).join('\n').replaceAll(',', ';')], 'x.csv'),
      400,
      'separated by semicolons',
    ],
    ['a file over the bound', new File(['x'.repeat(70_000)], 'x.csv'), 413, 'over 65536 bytes; split it'],
  ])('says on the page why it cannot take %s', async (_, file, status, message) => {
    const response = await upload(file);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toStartWith('text/html');
    expect(await response.text()).toContain(message);
  });

  test('counts a form that still comes as a batch: beyond so many, the next is refused', async () => {
    const { app } = await testApp();
    const leave = new AbortController();
    const headers = { 'content-type': 'multipart/form-data; boundary=x' };
    const send = () =>
      app.request('/batch', { method: 'POST', headers, body: new ReadableStream(), signal: leave.signal });
    const slow = Array.from({ length: MAX_BATCHES }, send);
    expect((await send()).status).toBe(503);
    leave.abort();
    expect((await Promise.all(slow)).map(({ status }) => status)).toEqual(slow.map(() => 499));
    const form = new FormData();
    form.append('file', new File([rows.slice(0, 9).join('\n')], 'x.csv'));
    expect((await app.request('/batch', { method: 'POST', body: form })).status).toBe(200);
  });

  test('says on the page that a form is not whole', async () => {
    const headers = { 'content-type': 'multipart/form-data; boundary=x' };
    const response = await server.app.request('/batch', { method: 'POST', headers, body: '--x\r\nnonsense' });
    expect(response.status).toBe(400);
  });
});
