import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { sampleCsv } from '../../src/dataset/sample-csv.ts';
import { requireTool } from '../support/require-tool.ts';
import { type Session, startSession } from './session.ts';

setDefaultTimeout(30_000);

describe.skipIf(!requireTool('chromium'))('the batch page', () => {
  let session: Session;
  beforeAll(async () => {
    session = await startSession();
  });
  afterEach(async () => {
    await session.clear();
    expect(session.troubles()).toEqual([]);
  });
  afterAll(() => session?.close());

  const file = (text: string) => ({
    name: 'households.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(text),
  });
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

  test('says what is wrong with a file that is none', async () => {
    const page = await session.open('/batch');
    await page.locator('#batch-file').setInputFiles(file('a,b\n1,2\n'));
    await page.getByRole('button', { name: 'Predict' }).click();
    const failure = page.getByRole('alert');
    await failure.filter({ hasText: 'has no column' }).waitFor();
    expect(await page.locator('[data-batch-download]').isVisible()).toBeFalse();
    session.troubles();
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
