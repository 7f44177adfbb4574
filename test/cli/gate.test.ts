import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from '../../src/cli/command.ts';
import { listCommand } from '../../src/cli/commands/list.ts';
import { promoteCommand } from '../../src/cli/commands/promote.ts';
import { publishCommand } from '../../src/cli/commands/publish.ts';
import { rollbackCommand } from '../../src/cli/commands/rollback.ts';
import { showCommand } from '../../src/cli/commands/show.ts';
import { sampleCsv } from '../../src/dataset/synthetic/sample-csv.ts';
import { openLocation } from '../../src/store/location.ts';
import { run, runSavings } from '../support/command.ts';
import { requireTool } from '../support/require-tool.ts';
import { trainVersion } from '../support/trained-versions.ts';
import { S3_START_MS, s3Server } from '../support/s3-server.ts';

// Real training takes its time on a busy machine.
setDefaultTimeout(60_000);

let store: string;
let labelled: string;
let few: string;

const on = (command: Command, args: string[], env: Record<string, string> = {}) =>
  run(command, [...args, '--store', store], { env });
const promote = (version: string, channel: string, ...args: string[]) =>
  on(promoteCommand, [version, '--channel', channel, '--reason', 'new rows', ...args]);
const channelOf = async (name: string) => await readFile(join(store, `channels/${name}.json`), 'utf8');

beforeAll(async () => {
  store = await mkdtemp(join(tmpdir(), 'savings-gate-'));
  const built = join(store, 'built');
  for (const version of ['good', 'alike', 'poor'] as const) {
    await trainVersion(version, built);
    const published = await on(publishCommand, [join(built, 'versions', version), '--accept-worse']);
    expect([published.code, published.stderr]).toEqual([0, '']);
  }
  const rows = [...sampleCsv(1500, 77)].join('');
  labelled = join(store, 'labelled.csv');
  few = join(store, 'few.csv');
  await writeFile(labelled, rows);
  await writeFile(few, `${rows.split('\n').slice(0, 51).join('\n')}\n`);
});
afterAll(() => rm(store, { recursive: true }));

describe('savings promote --gate', () => {
  test('holds the first version of a channel against the mean and a linear regression', async () => {
    const { code, stdout } = await promote('poor', 'prod', '--accept-worse', '--gate', labelled);
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining('gate: on 1500 rows poor is better than the mean'),
    ]);
    expect(stdout).toContain('poor is better than a linear regression');
  });

  test('takes a better one, and tells a program by how much', async () => {
    const { code, stdout } = await promote('good', 'prod', '--gate', labelled, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      version: 'good',
      from: 'poor',
      changed: true,
      gate: { rows: 1500, verdict: 'better', against: { judgement: { verdict: 'better' } } },
    });
  });

  test('refuses a worse one with the figures, and changes nothing', async () => {
    const before = await channelOf('prod');
    const args = ['promote', 'poor', '--channel', 'prod', '--reason', 'x', '--accept-worse'];
    const { code, stdout, stderr } = await runSavings([...args, '--gate', labelled, '--store', store]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      /^savings promote: Cannot promote version poor to channel prod: on 1500 rows poor is worse than good: its mean absolute error is [\d.]+ ₹\/month higher \(95 %: [\d.]+ to [\d.]+\), with a margin of [\d.]+\. Train it/,
    );
    expect(await channelOf('prod')).toBe(before);
  });

  test('takes one that is not worse by a margin, and refuses what too few rows cannot tell', async () => {
    const before = await channelOf('prod');
    const untold = await promote('alike', 'prod', '--gate', few);
    expect([untold.code, untold.stdout]).toEqual([1, '']);
    expect(untold.stderr).toMatch(
      /on 50 rows alike may be worse than good: .+; about [\d,]+ such rows would tell\. Give/,
    );
    expect(await channelOf('prod')).toBe(before);
    expect((await promote('alike', 'prod', '--gate', labelled, '--margin', '10%')).code).toBe(0);
    const first = await promote('good', 'new', '--gate', few);
    expect([first.code, first.stderr]).toEqual([
      1,
      expect.stringContaining('50 rows cannot tell, and 100 may'),
    ]);
  });

  test('a rollback never asks', async () => {
    expect((await on(rollbackCommand, ['--channel', 'prod'])).code).toBe(0);
    expect(JSON.parse(await channelOf('prod'))).toMatchObject({ version: 'good', reason: 'rollback' });
  });

  test('why there was none stays in the channel, in a form that every server reads', async () => {
    const waived = ['--accept-worse', '--no-gate', 'outcomes are not in yet'];
    expect((await promote('poor', 'prod', ...waived)).code).toBe(0);
    const state = JSON.parse(await channelOf('prod'));
    expect(Object.keys(state)).toEqual([
      ...['version', 'manifestSha256', 'sequence', 'promotedAt', 'reason', 'previous'],
    ]);
    for (const [command, args] of [
      [listCommand, []],
      [showCommand, ['channel:prod']],
    ] as [Command, string[]][])
      expect((await on(command, args)).stdout).toContain('new rows (no gate: outcomes are not in yet)');
  });

  test('channels that serve nobody need none, and may have one', async () => {
    expect((await promote('good', 'challenger')).code).toBe(0);
    expect((await promote('poor', 'challenger', '--accept-worse', '--gate', labelled)).code).toBe(1);
    expect((await promote('alike', 'challenger', '--no-gate', 'a try')).code).toBe(0);
  });

  test('what the channel names already is not asked again', async () => {
    const { code, stdout } = await promote('alike', 'challenger', '--gate', few);
    expect([code, stdout]).toEqual([0, expect.stringContaining('names alike already')]);
  });

  test('rows that cannot be read refuse the promotion, and so does a present version that is not there', async () => {
    const bad = join(store, 'bad.csv');
    await writeFile(bad, (await readFile(labelled, 'utf8')).replace(/\n[^,]*/, '\nx'));
    const unread = await promote('good', 'prod', '--gate', bad);
    expect([unread.code, unread.stderr]).toEqual([1, expect.stringContaining('line 2: column Income')]);
    const missing = await promote('good', 'prod', '--gate', join(store, 'none.csv'));
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('does not exist')]);
    await rm(join(store, 'versions/alike'), { recursive: true });
    const lost = await promote('good', 'challenger', '--gate', labelled);
    expect(lost.code).toBe(1);
    expect(lost.stderr).toContain('Cannot promote version good to channel challenger: ');
    expect(lost.stderr).toContain('give --no-gate and the reason');
  });
});

describe.skipIf(!requireTool('radosgw'))('a gate in a bucket', () => {
  test(
    'reads every file below the prefix',
    async () => {
      const server = await s3Server();
      const bucket = await server.newBucket();
      const env = {
        AWS_REGION: server.region,
        AWS_ENDPOINT_URL_S3: server.endpoint,
        AWS_ACCESS_KEY_ID: server.credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: server.credentials.secretAccessKey,
      };
      const { region, endpoint, credentials } = server;
      const location = openLocation(`s3://${bucket}/labelled/`, { region, endpoint, credentials });
      const [header, ...lines] = (await readFile(labelled, 'utf8')).trimEnd().split('\n');
      const put = (path: string, part: string[]) =>
        location.put(
          path,
          (async function* () {
            yield new TextEncoder().encode(`${[header, ...part].join('\n')}\n`);
          })(),
        );
      await put('a.csv', lines.slice(0, 700));
      await put('b/c.csv', lines.slice(700));
      const args = ['good', '--channel', 'eu', '--reason', 'x', '--store', store, '--json'];
      const gated = ['promote', ...args, '--gate', `s3://${bucket}/labelled/`];
      const { code, stdout, stderr } = await runSavings(gated, { env });
      expect([code, stderr]).toEqual([0, '']);
      expect(JSON.parse(stdout).gate).toMatchObject({ rows: 1500, verdict: 'better' });
      const nothing = await runSavings([...gated, '--gate', `s3://${bucket}/other/`], { env });
      expect([nothing.code, nothing.stderr]).toEqual([1, expect.stringContaining('holds no files of rows')]);
    },
    S3_START_MS,
  );
});
