import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { sampleCsv } from '../../src/dataset/synthetic/sample-csv.ts';
import { loadModel } from '../../src/model/artifact/load.ts';
import type { Model } from '../../src/model/model.ts';
import { spawnLoadWorker } from '../../src/workers.ts';
import { testArtifact } from '../support/model.ts';
import { describeInBrowser } from './session.ts';

describeInBrowser('the batch page', (session) => {
  const file = (text: string) => ({
    name: 'households.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(text),
  });
  /** Sends the file by the page, to what can be downloaded at the end. */
  const predicted = async (page: Page, text: string) => {
    await page.locator('#batch-file').setInputFiles(file(text));
    await page.getByRole('button', { name: 'Predict' }).click();
    const link = page.locator('[data-batch-download]');
    await link.waitFor({ state: 'visible', timeout: 50_000 });
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
    return readFileSync((await download.path())!, 'utf8');
  };
  /** The same file in one request. */
  const inOne = async (text: string) => {
    const headers = { 'content-type': 'text/csv' };
    return await (await fetch(`${session.url}/batch`, { method: 'POST', headers, body: text })).text();
  };
  const COLUMNS =
    'Income,Age,Dependents,Rent,Loan_Repayment,Insurance,Groceries,Transport,Eating_Out,Entertainment,Utilities,Healthcare,Education,Miscellaneous';
  const ROW = '60000,40,2,12000,3000,2000,7000,3500,2000,2000,3500,2400,4000,1200';
  const lines = [...sampleCsv(10_000, 4)].join('').trimEnd().split('\n');

  test('sends a large file in slices of whole rows and offers the same rows with predictions', async () => {
    // A line break inside quotes must not part a row, wherever a slice ends.
    const rows = lines.slice(1).map((line, i) => `${line},"two\n""lines"" ${i}"`);
    rows[6_999] = 'oops';
    const text = `${lines[0]},note\n${rows.join('\n')}\n`;
    expect(text.length).toBeGreaterThan(1_500_000);
    const page = await session.open('/batch');
    await page.locator('#batch-file').setInputFiles(file(text));
    await page.getByRole('button', { name: 'Predict' }).click();
    const link = page.locator('[data-batch-download]');
    await link.waitFor({ state: 'visible' });
    expect(await page.locator('[data-batch-status]').textContent()).toBe('9,999 rows predicted, 1 bad.');
    expect(await page.locator('progress').evaluate((bar) => (bar as HTMLProgressElement).value)).toBe(1);
    // Rows before it have two lines each, the header one.
    const bad = `line ${1 + 2 * 6_999 + 1}: has 1 field`;
    expect(await page.locator('[data-batch-faults] li').textContent()).toStartWith(bad);
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
    const saved = readFileSync((await download.path())!, 'utf8');
    expect(saved).toStartWith(`${lines[0]},note,prediction,low,high,error\n`);
    expect(saved.match(/prediction,low,high/g)).toHaveLength(1);
    let at = 0;
    for (const [i, row] of rows.entries()) {
      if (i === 6_999) continue;
      at = saved.indexOf(`\n${row},`, at);
      expect(at, `row ${i} is there, in its order`).toBeGreaterThan(0);
    }
  });

  test('cuts no row in two after a quote in a bare field, wherever a slice ends', async () => {
    const rows = Array.from({ length: 140_000 }, (_, i) => `n${String(i).padStart(6, '0')},${ROW}\n`);
    const text = `Note,${COLUMNS}\npipe 5" ${'x'.repeat(60)},${ROW}\n${rows.join('')}`;
    const page = await session.open('/batch');
    const saved = await predicted(page, text);
    expect(saved === (await inOne(text))).toBe(true);
    expect(await page.locator('[data-batch-status]').textContent()).toBe('1,40,000 rows predicted, 1 bad.');
    const fault = page.locator('[data-batch-faults] li');
    expect(await fault.allTextContents()).toEqual([
      'line 2: has a quote inside a field that does not begin with one',
    ]);
  });

  test.each([
    ['a header cell with a line break', `${COLUMNS},"Note (free\ntext)"\n`, '\n', `${ROW},x`, 3],
    ['a byte order mark and CRLF', `\uFEFF${COLUMNS}\r\n`, '\r\n', ROW, 20_000],
    [
      'cells of two lines behind a stray quote',
      `Note,${COLUMNS}\n5" x,${ROW}\n`,
      '\n',
      `"a\nb é😀",${ROW}`,
      20_000,
    ],
    ['blank lines, and none at the end', `\n\n${COLUMNS}\n`, '\n\n', ROW, 20_000],
  ])('gives what one request gives, for %s', async (_, start, end, row, count) => {
    const text = start + Array.from({ length: count }, () => row).join(end);
    const page = await session.open('/batch');
    const saved = await predicted(page, text);
    expect(saved === (await inOne(text))).toBe(true);
    expect(await page.locator('[data-batch-status]').textContent()).toStartWith(
      `${count.toLocaleString('en-IN')} rows predicted`,
    );
    expect(await page.locator('[data-batch-changes]').textContent()).toBe('');
  });

  test('shows the first twenty faults of the file, whatever slices they are in', async () => {
    const rows = Array.from({ length: 20_000 }, (_, i) =>
      i % 1_500 === 0 ? 'oops\n"oops\n" x\n' : `${ROW}\n`,
    );
    const page = await session.open('/batch');
    const saved = await predicted(page, `${COLUMNS}\n${rows.join('')}`);
    const told = [...saved.matchAll(/line \d+: [^\n"]*/g)].map(([text]) => text);
    expect(told).toHaveLength(28);
    expect(await page.locator('[data-batch-faults] li').allTextContents()).toEqual(told.slice(0, 20));
  });

  test('says beside the download at which row the model changed, and keeps saying it', async () => {
    const page = await session.open('/batch');
    const live = session.deps.live as { model: Model };
    const [first, second] = [
      live.model,
      await loadModel(await testArtifact('test-2'), { spawn: spawnLoadWorker }),
    ];
    let slices = 0;
    await page.route('**/batch/slice', async (route) => {
      if (++slices === 2) live.model = second;
      await route.continue();
    });
    try {
      const text = `${lines.join('\n')}\n`;
      const saved = (await predicted(page, text)).split('\n');
      const note = page.locator('[data-batch-changes] p');
      expect(await note.isVisible()).toBe(true);
      const said = (await note.textContent())!;
      expect(said).toContain(
        'the predictions are by version test-2, until then by test-1: the model was changed',
      );
      const row = Number(/From row ([\d,]+) on/.exec(said)![1].replaceAll(',', ''));
      const bySecond = (await inOne(text)).split('\n');
      live.model = first;
      const byFirst = (await inOne(text)).split('\n');
      expect(saved).toEqual([...byFirst.slice(0, row), ...bySecond.slice(row)]);
      expect(byFirst[row]).not.toBe(bySecond[row]);
    } finally {
      live.model = first;
    }
    // The next file has one model's predictions, and nothing is left of what was said of this one.
    await predicted(page, lines.slice(0, 9).join('\n'));
    expect(await page.locator('[data-batch-changes]').textContent()).toBe('');
  });

  test('says that a file is in another format, and how to save it', async () => {
    const page = await session.open('/batch');
    for (const [text, said] of [
      [
        `${COLUMNS}\n${ROW}\n`.replaceAll(',', ';'),
        'its columns are separated by semicolons; save it with commas',
      ],
      [`sep=,\n${COLUMNS}\n${ROW}\n`, 'remove that line'],
    ] as const) {
      await page.locator('#batch-file').setInputFiles(file(text));
      await page.getByRole('button', { name: 'Predict' }).click();
      await page.getByRole('alert').filter({ hasText: said }).waitFor();
    }
    session.troubles();
  });

  test('says what is wrong with a file that is none', async () => {
    const page = await session.open('/batch');
    await page.locator('#batch-file').setInputFiles(file('a,b\n1,2\n'));
    await page.getByRole('button', { name: 'Predict' }).click();
    const failure = page.getByRole('alert');
    await failure.filter({ hasText: 'has no column' }).waitFor();
    expect(await page.locator('[data-batch-download]').isVisible()).toBeFalse();
    session.troubles();
  });

  test('offers sample files, which are predicted as they come', async () => {
    const page = await session.open('/batch');
    const saved = async (link: string) => {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: link }).click(),
      ]);
      return { name: download.suggestedFilename(), text: readFileSync((await download.path())!, 'utf8') };
    };
    const good = await saved('made-up households');
    const count = good.text.trimEnd().split('\n').length - 1;
    expect(good.name).toBe('savings-sample.csv');
    expect(await predicted(page, good.text)).toBe(await inOne(good.text));
    expect(await page.locator('[data-batch-status]').textContent()).toBe(`${count} rows predicted, 0 bad.`);
    const bad = await saved('a row that cannot be read');
    expect(await predicted(page, bad.text)).toContain(`line ${count + 2}: column Income: please enter`);
    expect(await page.locator('[data-batch-status]').textContent()).toBe(`${count} rows predicted, 1 bad.`);
  });

  test('works without its script, for a small file', async () => {
    const page = await session.open('/batch', { javaScriptEnabled: false });
    await page.locator('#batch-file').setInputFiles(file(lines.slice(0, 51).join('\n')));
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Predict' }).click(),
    ]);
    expect(
      readFileSync((await download.path())!, 'utf8')
        .trimEnd()
        .split('\n'),
    ).toHaveLength(51);
  });
});
