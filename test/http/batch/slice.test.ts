import { beforeAll, describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { ScoringPool } from '../../../src/dataset/scoring/scoring-pool.ts';
import { sampleCsv } from '../../../src/dataset/synthetic/sample-csv.ts';
import { MAX_BATCHES } from '../../../src/http/limit.ts';
import { loadModel } from '../../../src/model/artifact/load.ts';
import { spawnLoadWorker, spawnScoringWorker } from '../../../src/workers.ts';
import { testApp } from '../../support/app.ts';
import { batchScript, type Progress } from '../../support/batch-script.ts';
import { testArtifact } from '../../support/model.ts';

const SEED = Number(process.env.FUZZ_SEED ?? 20_261_127);
const RUNS = Number(process.env.FUZZ_RUNS ?? 150);

let server: Awaited<ReturnType<typeof testApp>>;
let script: Awaited<ReturnType<typeof batchScript>>;
beforeAll(async () => {
  server = await testApp({ maxUploadBytes: 4_194_304, maxBatchRows: 30_000 });
  script = await batchScript(server.app);
});

const lines = [...sampleCsv(400, 6)].join('').trimEnd().split('\n');
const [header = '', ...rows] = lines;

/** The whole file in one request: what the page's download must be. */
async function inOne(file: Blob): Promise<string | undefined> {
  const headers = { 'content-type': 'text/csv' };
  const response = await server.app.request('/batch', { method: 'POST', headers, body: file.stream() });
  return response.ok ? await response.text().catch(() => undefined) : undefined;
}

/** The same as the page does it, with what it shows at the end. */
async function inSlices(file: Blob, sliceBytes: number, app = server.app) {
  let shown: Progress | undefined;
  const result = await script.predictFile(file, {
    limits: { bytes: 4_194_304, rows: 30_000 },
    sliceBytes,
    show(progress) {
      shown = progress;
    },
    fetch: (path, init) => app.request(path, init),
  });
  return { csv: await result.text(), ...shown! };
}

/** What the last column says: our own writing, so that its faults are found without a parser. */
function faultsOf(csv: string): string[] {
  return [...csv.matchAll(/,(?:"(line \d+: (?:[^"]|"")*)"|(line \d+: [^\n]*))\n/g)].map(
    ([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare,
  );
}

async function expectSame(file: Blob, sliceBytes: number): Promise<void> {
  const whole = await inOne(file);
  if (whole === undefined) {
    await expect(inSlices(file, sliceBytes)).rejects.toThrow(/^Cannot (read|score|predict)/);
    return;
  }
  const { csv, rows: good, badRows, faults, changes } = await inSlices(file, sliceBytes);
  expect(csv).toBe(whole);
  const expected = faultsOf(whole);
  expect(badRows).toBe(expected.length);
  expect(faults).toEqual(expected.slice(0, 20));
  expect(good).toBe((whole.match(/(,\d+\.\d\d){3},\n/g) ?? []).length);
  expect(changes).toEqual([]);
}

describe(`the page's slices and one request give the same (FUZZ_SEED=${SEED})`, () => {
  const C =
    'Income,Age,Dependents,Rent,Loan_Repayment,Insurance,Groceries,Transport,Eating_Out,Entertainment,Utilities,Healthcare,Education,Miscellaneous';
  const R = '60000,40,2,12000,3000,2000,7000,3500,2000,2000,3500,2400,4000,1200';

  test('a quote in a bare field, wherever the cut falls: no row is cut in two', async () => {
    const text = `Note,${C}\npipe 5" x,${R}\n${Array.from({ length: 400 }, (_, i) => `n${i},${R}\n`).join('')}`;
    for (const size of [3_000, 3_001, 3_050, 3_099]) await expectSame(new Blob([text]), size);
  });

  test('a header cell with a line break, and many slices behind it', async () => {
    const text = `${C},"Note (free\ntext)"\n${Array.from({ length: 500 }, (_, i) => `${R},n${i}\n`).join('')}`;
    const { csv, rows } = await inSlices(new Blob([text]), 2_000);
    expect(rows).toBe(500);
    expect(csv.match(/text\)/g)).toHaveLength(1);
    await expectSame(new Blob([text]), 2_000);
  });

  test('a record without an end, over many slices: one bad row, and the rows behind it', async () => {
    const text = `Note,${C}\n"open ${'x'.repeat(700_000)}\nn1,${R}\noops\n`;
    for (const size of [50_000, 65_537, 524_288]) await expectSame(new Blob([text]), size);
  });

  test('short rows that are bad, under many columns: no answer is much longer than a slice', async () => {
    const text = `${C}${','.repeat(20_000)}\n${'x\n'.repeat(500)}`;
    const lengths: number[] = [];
    const counting: typeof server.app.request = async (...request) => {
      const response = await server.app.request(...request);
      lengths.push((await response.clone().text()).length);
      return response;
    };
    const { csv, badRows } = await inSlices(new Blob([text]), 1 << 19, {
      request: counting,
    } as typeof server.app);
    expect(badRows).toBe(500);
    expect(csv === (await inOne(new Blob([text])))).toBe(true);
    // 10 MB in all.
    expect(csv.length).toBeGreaterThan(10_000_000);
    expect(Math.max(...lengths)).toBeLessThan(4_000_000);
  });

  test('the file that the page would send in its own slices', async () => {
    const note = '"two\n""lines"" 5\'"';
    const many = Array.from({ length: 20_000 }, (_, i) => `${i % 7 === 0 ? note : 'n 5" é'},${R}\n`);
    await expectSame(new Blob([`\uFEFFNote,${C}\n`, ...many]), 1 << 19);
  });

  const note = fc.constantFrom(
    'plain',
    'pipe 5"',
    '"two\nlines"',
    '"two\r\n""lines"""',
    '₹ é 😀',
    '"😀\n"',
    '',
    '""',
    '"open',
    'a\rb',
    '"closed" x',
    '=1;=2',
    'x'.repeat(70_000),
    `"${'é\n'.repeat(40_000)}"`,
  );
  const row = fc.oneof(
    { weight: 8, arbitrary: note.map((text) => `${text},${R}`) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('', 'oops', '""', ',', `n,${R.replace('60000', '-5')}`, `n,${R},1`),
    },
  );
  const end = fc.constantFrom('\n', '\r\n');
  const file = fc
    .record({
      start: fc.constantFrom('', '', '\uFEFF', '\n\r\n', '\uFEFF\n', '\uFEFF\uFEFF', '""\n'),
      first: fc.constantFrom(
        'Note',
        '"Note (free\ntext)"',
        '"a ""note"""',
        '₹😀',
        '"=x\r\n"',
        'x"y',
        '"open',
      ),
      rows: fc.array(fc.tuple(row, end), { maxLength: 25 }),
      last: fc.option(row, { nil: '' }),
      tail: fc.constantFrom('', '', '', '\n\n', '\r', '\xff'),
    })
    .map(({ start, first, rows: middle, last, tail }) => {
      const text = `${start}${first},${C}\n${middle.map((pair) => pair.join('')).join('')}${last}`;
      // Where the tail is no text, the file is not UTF-8.
      return new Blob([text, tail === '\xff' ? Uint8Array.of(0xc3) : tail]);
    });

  test('random files in random slices', async () => {
    await fc.assert(
      fc.asyncProperty(file, fc.double({ min: 0.005, max: 1.1, noNaN: true }), async (blob, share) => {
        await expectSame(blob, Math.max(1, Math.ceil(blob.size * share)));
      }),
      { seed: SEED, numRuns: RUNS },
    );
  }, 120_000);

  test('random bytes in slices of a few bytes', async () => {
    const unit = fc.constantFrom('a', '"', ',', '\r', '\n', '\n', 'é', '😀', '\uFEFF', R, `${R}\n`);
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit, maxLength: 30 }),
        fc.integer({ min: 1, max: 40 }),
        async (text, size) => {
          await expectSame(new Blob([`${C}\n`, text]), size);
        },
      ),
      { seed: SEED, numRuns: RUNS },
    );
  }, 120_000);
});

describe('the page', () => {
  test('gets the same from a server whose workers score', async () => {
    const scoring = new ScoringPool({ spawn: spawnScoringWorker, size: 2 });
    try {
      const { app } = await testApp({ maxUploadBytes: 4_194_304, maxBatchRows: 30_000, scoring });
      const bad = rows.with(150, 'oops').with(300, `"a\nb",${rows[300]}`);
      const file = new Blob([`${header}\n`, `${bad.join('\n')}\n`.repeat(12)]);
      expect(await inSlices(file, 1 << 19, app)).toEqual(await inSlices(file, 1 << 19));
      expect(scoring.workers).toBeGreaterThan(0);
      // Short rows under many columns become long lines: such a slice ends early.
      const short = new Blob([`${header}\n`, '"\n"\n'.repeat(25_000)]);
      expect(await inSlices(short, 1 << 19, app)).toEqual(await inSlices(short, 1 << 19));
    } finally {
      scoring.close();
    }
  });

  test('names the line that is not UTF-8, wherever slices end', async () => {
    const bad = new Blob([`${lines.slice(0, 300).join('\n')}\n`, Uint8Array.of(0x61, 0xe9, 0x0a)]);
    for (const size of [1_000, 7_777, 1 << 19]) {
      await expect(inSlices(bad, size)).rejects.toThrow(
        "Cannot read the CSV: line 301 is not UTF-8; save the file as 'CSV UTF-8'.",
      );
    }
  });

  test('holds the bounds over all slices', async () => {
    const file = new Blob([`${header}\n`, `${rows.slice(0, 100).join('\n')}\n`.repeat(11)]);
    const run = (limits: { bytes: number; rows: number }) =>
      script.predictFile(file, { limits, sliceBytes: 9_999, show() {}, fetch: server.app.request });
    await expect(run({ bytes: file.size - 1, rows: 2_000 })).rejects.toThrow('too large');
    await expect(run({ bytes: file.size, rows: 1_099 })).rejects.toThrow('too many rows');
    expect((await run({ bytes: file.size, rows: 1_100 })).size).toBeGreaterThan(file.size);
  });

  test('refuses what is no file of ours, an empty one too', async () => {
    await expect(inSlices(new Blob([]), 100)).rejects.toThrow('Cannot read the CSV: it is empty.');
    await expect(inSlices(new Blob(['\n\n\n']), 1)).rejects.toThrow('Cannot read the CSV: it is empty.');
    await expect(inSlices(new Blob([lines.join('\n').replaceAll(',', ';')]), 1 << 19)).rejects.toThrow(
      'its columns are separated by semicolons',
    );
  });

  test('waits and goes on where the server is busy', async () => {
    let asked = 0;
    const file = new Blob([`${lines.slice(0, 40).join('\n')}\n`]);
    const result = await script.predictFile(file, {
      limits: { bytes: 1e9, rows: 1e6 },
      sliceBytes: 2_000,
      show() {},
      async fetch(path, init) {
        if (asked++ % 2 === 1) return await server.app.request(path, init);
        server.deps.inFlight.batches += MAX_BATCHES;
        const response = await server.app.request(path, init);
        server.deps.inFlight.batches -= MAX_BATCHES;
        expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
        return new Response(null, { status: 503, headers: { 'retry-after': '0.001' } });
      },
    });
    expect(await result.text()).toBe((await inOne(file))!);
  });

  test('says at which row the model changed, and from which version to which', async () => {
    const second = await loadModel(await testArtifact('test-2'), { spawn: spawnLoadWorker });
    const live = { model: server.model, state: server.deps.live.state };
    const { app } = await testApp({ live });
    const file = new Blob([`${lines.slice(0, 101).join('\n')}\n`]);
    let slices = 0;
    const {
      changes,
      csv,
      rows: count,
    } = await inSlices(file, 4_000, {
      request(path: string, init: RequestInit) {
        if (++slices === 3) live.model = second;
        return app.request(path, init);
      },
    } as unknown as typeof app);
    expect(count).toBe(100);
    expect(changes).toEqual([{ row: expect.any(Number), from: 'test-1', to: 'test-2' }]);
    // The rows before it are the first model's, the others the second's.
    const byFirst = (await inOne(file))!.split('\n');
    const differs = csv.split('\n').findIndex((line, i) => line !== byFirst[i]);
    expect(differs).toBe(changes[0].row);
  });
});

describe('POST /batch/slice', () => {
  const start = { at: 0, headerFrom: 0, headerTo: 0, line: 1, skipping: false, isLast: true };
  const post = (slice: unknown, body: BodyInit, headers: Record<string, string> = {}) =>
    server.app.request('/batch/slice', {
      method: 'POST',
      headers: { 'content-type': 'text/csv', 'savings-slice': JSON.stringify(slice), ...headers },
      body,
    });
  const detailOf = async (response: Response) => (await response.json()).detail as string;

  test('says where the next slice begins: behind the last whole record', async () => {
    const text = `\uFEFF\n${header}\n${rows[0]}\noops\n${rows[1]}`;
    const response = await post({ ...start, isLast: false }, text);
    expect(response.headers.get('savings-model-version')).toBe('test-1');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const { next, rows: good, badRows, faults, csv } = await response.json();
    const headerTo = 4 + header.length + 1;
    expect(next).toEqual({
      at: headerTo + rows[0].length + 1 + 5,
      headerFrom: 4,
      headerTo,
      line: 5,
      skipping: false,
    });
    expect([good, badRows, faults]).toEqual([1, 1, ['line 4: has 1 field where the header has 27']]);
    expect(csv).toStartWith(`${header},prediction,low,high,error\n${rows[0]},`);
    const rest = await post({ ...next, isLast: true }, `${header}\n${rows[1]}`);
    expect((await rest.json()).csv).toStartWith(`${rows[1]},`);
  });

  test('takes nothing from a slice without a whole record, and a faulty one at once', async () => {
    const none = await (await post({ ...start, isLast: false }, header.slice(0, 50))).json();
    const { isLast: _, ...same } = start;
    expect(none).toEqual({ next: same, csv: '', rows: 0, badRows: 0, faults: [] });
    const some = await (await post({ ...start, isLast: false }, `${header}\na"b,\xe9`)).json();
    expect(some).toMatchObject({ next: { at: header.length + 7, skipping: true, line: 2 }, badRows: 1 });
  });

  test.each([
    ['no position', 'x'],
    ['a position that is none', { ...start, at: -1 }],
    ['a header behind the slice', { ...start, headerTo: 5 }],
    ['a header that ends before it begins', { ...start, at: 9, headerFrom: 5, headerTo: 4 }],
    ['a header that is longer than the body', { ...start, at: 10_000, headerTo: 9_000 }],
    ['more than a position', { ...start, more: 1 }],
  ])('refuses %s', async (_, slice) => {
    const response = await post(slice, 'abc');
    expect(response.status).toBe(400);
    expect(await detailOf(response)).toStartWith('Cannot read the slice: savings-slice must be');
  });

  test('refuses a body whose beginning is not one record', async () => {
    const slice = { ...start, at: 10, headerTo: 4 };
    for (const body of ['a,b\n\n', 'a\nb\nc', 'abcdef']) expect((await post(slice, body)).status).toBe(400);
    expect(await detailOf(await post(slice, 'a\nb\nc'))).toContain('does not begin with the header');
  });

  test('refuses what is too large, of another type, or compressed in a way that it does not know', async () => {
    expect((await post(start, 'x'.repeat(1_048_577))).status).toBe(413);
    const many = await testApp({ maxBatchRows: 10 });
    const headers = { 'content-type': 'text/csv', 'savings-slice': JSON.stringify(start) };
    const body = lines.slice(0, 12).join('\n');
    const response = await many.app.request('/batch/slice', { method: 'POST', headers, body });
    expect(response.status).toBe(413);
    expect(await detailOf(response)).toContain('more than 10 rows');
    expect((await post(start, '{}', { 'content-type': 'application/json' })).status).toBe(415);
    expect((await post(start, 'x', { 'content-encoding': 'br' })).status).toBe(415);
    expect((await post(start, 'x', { 'content-encoding': 'gzip' })).status).toBe(400);
  });

  test('counts predictions and refusals once, and writes a line without what it was sent', async () => {
    const own = await testApp();
    const secret = rows[1].replace(/^[^,]*/, '48151.62');
    const file = new Blob([[header, rows[0], secret, `-5${secret.slice(8)}`, 'oops'].join('\n')]);
    await script.predictFile(file, {
      limits: { bytes: 1e6, rows: 1e3 },
      sliceBytes: 100,
      show() {},
      fetch: (path, init) => own.app.request(path, init),
    });
    const metrics = await own.deps.metrics.registry.metrics();
    expect(metrics).toMatch(/savings_predictions_total\{[^}]*surface="batch"[^}]*\} 2\n/);
    expect(metrics).toMatch(/savings_input_rejected_total\{[^}]*"income"[^}]*\} 1\n/);
    const batches = own.lines.map((line) => JSON.parse(line)).filter(({ message }) => message === 'batch');
    expect(batches.every(({ how }) => how === 'slice')).toBe(true);
    expect(batches.reduce((sum, { rows: good, badRows }) => sum + good + badRows, 0)).toBe(4);
    expect(own.lines.join('\n')).not.toContain('48151');
    expect([own.deps.inFlight.batches, own.deps.inFlight.count]).toEqual([0, 0]);
  });

  test('says 503 until a model is live', async () => {
    const state = { model: undefined, loadedAt: undefined, stale: undefined, failure: undefined };
    const { app } = await testApp({ live: { model: undefined, state } });
    expect((await app.request('/batch/slice', { method: 'POST', body: 'x' })).status).toBe(503);
  });
});
