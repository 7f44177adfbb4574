import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { evaluateCommand } from '../../src/cli/commands/evaluate.ts';
import { trainCommand } from '../../src/cli/commands/train.ts';
import { sampleCsv } from '../../src/dataset/synthetic/sample-csv.ts';
import { run, runSavings } from '../support/command.ts';
import { trainVersion } from '../support/trained-versions.ts';
import { SURVEY, surveyCsv } from '../support/survey.ts';

// Real training takes its time on a busy machine.
setDefaultTimeout(60_000);

let work: string;
let rows: string;
let path: string;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'savings-evaluate-'));
  await trainVersion('good', work);
  await trainVersion('poor', work);
  rows = [...sampleCsv(1500, 77)].join('');
  path = join(work, 'rows.csv');
  await writeFile(path, rows);
  await writeFile(join(work, 'survey.model.json'), JSON.stringify({ ...SURVEY, weight: 'Weight' }));
  await writeFile(join(work, 'survey.csv'), surveyCsv());
  const description = ['--description', join(work, 'survey.model.json'), '--data', join(work, 'survey.csv')];
  const how = ['--trees', '20', '--workers', '1', '--out', work, '--version', 'survey'];
  expect((await run(trainCommand, [...description, ...how])).code).toBe(0);
});
afterAll(() => rm(work, { recursive: true }));

const evaluate = (args: string[], stdin = '') =>
  run(evaluateCommand, [...args, '--store', work], { stdin, env: {} });
const json = async (args: string[], stdin = '') => {
  const { code, stdout, stderr } = await evaluate([...args, '--json'], stdin);
  return { code, stderr, report: JSON.parse(stdout) };
};

describe('savings evaluate', () => {
  test('says which of two is better, with intervals, bands and baselines, and exits with 0', async () => {
    const { code, stderr, report } = await json(['--data', path, '--model', 'good', '--against', 'poor']);
    expect([code, stderr]).toEqual([0, '']);
    expect(report).toMatchObject({
      model: { version: 'good' },
      other: { version: 'poor' },
      rows: 1500,
      effectiveRows: 1500,
      leftOut: 0,
      verdict: 'better',
      bandsOf: 'income',
      against: { judgement: { verdict: 'better' } },
      baselines: { mean: { judgement: { verdict: 'better', margin: 0 } }, linear: {}, brackets: {} },
    });
    const { maeDifference, margin } = report.against.judgement;
    expect(maeDifference.high).toBeLessThan(0);
    expect(margin).toBeCloseTo(0.01 * report.against.accuracy.mae.value, 9);
    expect(report.accuracy.coverage.value).toBeGreaterThan(0.8);
    const counts = report.bands.map((band: { rows: number }) => band.rows);
    expect(counts.reduce((sum: number, count: number) => sum + count)).toBe(1500);
  });

  test('a worse one exits with 3, an equal one with 0, as the program itself does', async () => {
    const ask = (model: string, against: string) =>
      runSavings(['evaluate', '--data', path, '--model', model, '--against', against, '--store', work]);
    const worse = await ask('poor', 'good');
    expect([worse.code, worse.stderr]).toEqual([3, '']);
    expect(worse.stdout).toMatch(
      /poor is worse than good: its mean absolute error is [\d.]+ ₹\/month higher \(95 %: [\d.]+ to [\d.]+\), with a margin of [\d.]+/,
    );
    expect(worse.stdout).toContain('Verdict: worse');
    const equal = await ask('good', 'good');
    expect([equal.code, equal.stdout]).toEqual([0, expect.stringContaining('Verdict: not worse')]);
  });

  test('a wide margin takes what a narrow one does not', async () => {
    const args = ['--data', path, '--model', 'poor', '--against', 'good', '--margin', '100%'];
    const wide = await json(args);
    const worseBy = wide.report.against.judgement.maeDifference.high;
    expect(wide.code).toBe(worseBy <= wide.report.against.accuracy.mae.value ? 0 : 3);
  });

  test('few rows cannot tell: exit code 4, with how many would', async () => {
    const few = `${rows.split('\n').slice(0, 61).join('\n')}\n`;
    const { code, report } = await json(['--data', '-', '--model', 'good', '--against', 'poor'], few);
    expect([code, report.verdict, report.rows]).toEqual([4, 'cannot tell', 60]);
    expect(report.against.judgement.rowsNeeded).toBeGreaterThanOrEqual(100);
    const alone = await evaluate(['--data', '-', '--model', 'good'], few);
    expect([alone.code, alone.stdout]).toEqual([4, expect.stringContaining('of fewer than 100 rows')]);
  });

  test('against the baselines alone it is the mean and the regression that count', async () => {
    const { code, report } = await json(['--data', path, '--model', 'good']);
    expect([code, report.verdict, report.other, report.against]).toEqual([0, 'better', null, null]);
  });

  test('a band of a few households tells nothing of them', async () => {
    const { report } = await json(['--data', path, '--model', 'good']);
    for (const { rows: count } of report.bands) expect(count).toBeGreaterThanOrEqual(10);
    const alone = await evaluate(
      ['--data', '-', '--model', 'good'],
      rows.split('\n').slice(0, 10).join('\n'),
    );
    expect([alone.code, alone.stderr]).toEqual([1, expect.stringContaining('there are 9 rows that count')]);
    // Few are rich, whom the model's last band is for.
    const some = await json(
      ['--data', '-', '--model', 'good'],
      `${rows.split('\n').slice(0, 41).join('\n')}\n`,
    );
    expect(some.report.bands).toMatchObject([{ below: null, rows: 40 }]);
  });

  test('bad rows are named by line, and refuse the data, unless they are to be left out', async () => {
    const lines = rows.split('\n');
    lines[3] = lines[3]!.replace(/^[^,]*/, 'much');
    const fields = lines[5]!.split(',');
    fields[lines[0]!.split(',').indexOf('Desired_Savings')] = '';
    lines[5] = fields.join();
    const bad = lines.join('\n');
    const refused = await evaluate(['--data', '-', '--model', 'good'], bad);
    expect([refused.code, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toContain('Cannot evaluate on the rows: they hold 2 bad rows');
    expect(refused.stderr).toContain('line 4: column Income');
    expect(refused.stderr).toContain('line 6: column Desired_Savings: please enter a number');
    expect(refused.stderr).not.toContain('much');
    const dropped = await json(['--data', '-', '--model', 'good', '--drop-bad-rows'], bad);
    expect([dropped.code, dropped.report.rows, dropped.report.leftOut]).toEqual([0, 1498, 2]);
    expect(dropped.stderr).toStartWith('savings evaluate: 2 bad rows were left out.\nline 4: column Income');
  });

  test.each([
    [
      'without the outcome',
      (text: string) => text.replace(/Desired_Savings(?=[,\n])/, 'Other'),
      'has no column Desired_Savings',
    ],
    ['without rows', (text: string) => text.slice(0, text.indexOf('\n') + 1), 'there are 0 rows that count'],
    ['that is empty', () => '', 'it is empty'],
  ])('data %s is refused', async (_, spoil, told) => {
    const { code, stderr } = await evaluate(['--data', '-', '--model', 'good'], spoil(rows));
    expect([code, stderr]).toEqual([1, expect.stringContaining(told)]);
  });

  test('models of different columns are not compared', async () => {
    const { code, stderr } = await evaluate(['--data', path, '--model', 'good', '--against', 'survey']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('they do not predict the same column')]);
  });

  test('the weights of the training count, others on request, or none', async () => {
    const data = join(work, 'later.csv');
    await writeFile(data, surveyCsv(400, 9));
    const weighted = await json(['--data', data, '--model', 'survey']);
    expect(weighted.report.effectiveRows).toBeLessThan(390);
    const given = await json(['--data', data, '--model', 'survey', '--weight', 'Weight']);
    expect(given.report).toEqual(weighted.report);
    const none = await json(['--data', data, '--model', 'survey', '--unweighted']);
    expect(none.report.effectiveRows).toBe(400);
    expect(none.report.accuracy.mae.value).not.toBe(weighted.report.accuracy.mae.value);
    const without = surveyCsv(400, 9).replace('Weight', 'Other');
    const missing = await evaluate(['--data', '-', '--model', 'survey'], without);
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('has no column Weight')]);
  });

  test('several files are one table, compressed or not, and faults name the file', async () => {
    const directory = join(work, 'arrived');
    await mkdir(directory);
    const [header, ...lines] = rows.trimEnd().split('\n');
    const part = (from: number, to?: number) => `${[header, ...lines.slice(from, to)].join('\n')}\n`;
    await writeFile(join(directory, '1.csv'), part(0, 700));
    await writeFile(join(directory, '2.csv.gz'), gzipSync(part(700)));
    const whole = await json(['--data', path, '--model', 'good', '--against', 'poor']);
    const parts = await json(['--data', directory, '--model', 'good', '--against', 'poor']);
    expect(parts.report).toEqual(whole.report);
    await writeFile(join(directory, '3.csv'), `${header}\nno row\n`);
    const bad = await evaluate(['--data', directory, '--model', 'good']);
    expect([bad.code, bad.stderr]).toEqual([1, expect.stringContaining('line 2: of 3.csv: has 1 field')]);
    await writeFile(join(directory, '4.txt'), 'x');
    const other = await evaluate(['--data', directory, '--model', 'good']);
    expect([other.code, other.stderr]).toEqual([1, expect.stringContaining('Cannot read 4.txt')]);
    await mkdir(join(work, 'nothing'));
    const nothing = await evaluate(['--data', join(work, 'nothing'), '--model', 'good']);
    expect([nothing.code, nothing.stderr]).toEqual([1, expect.stringContaining('holds no files')]);
  });
});
