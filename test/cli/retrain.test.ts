import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { retrainCommand } from '../../src/cli/commands/retrain.ts';
import { trainCommand } from '../../src/cli/commands/train.ts';
import { sampleCsv } from '../../src/dataset/synthetic/sample-csv.ts';
import { loadModel } from '../../src/model/artifact/load.ts';
import { DirectoryStore } from '../../src/store/directory/directory.ts';
import { Registry } from '../../src/store/registry.ts';
import { S3Store } from '../../src/store/s3/s3.ts';
import { spawnLoadWorker } from '../../src/workers.ts';
import { grantRole } from '../eks/grant.ts';
import { run, startSavings } from '../support/command.ts';
import { failure } from '../support/failure.ts';
import { newKeyPair } from '../support/key-pair.ts';
import { requireTool } from '../support/require-tool.ts';
import { S3_START_MS, type S3Server, s3Server } from '../support/s3-server.ts';

// Real training takes its time on a busy machine.
setDefaultTimeout(60_000);

const rows = (count: number, seed: number) => [...sampleCsv(count, seed)].join('');

const SMALL = rows(20, 1);

/** Lines of the log, which are all that standard error holds. */
const events = (stderr: string) =>
  stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('savings retrain', () => {
  let work: string;
  let folders = 0;
  beforeAll(async () => {
    work = await mkdtemp(join(tmpdir(), 'savings-retrain-'));
  });
  afterAll(() => rm(work, { recursive: true }));

  const folderWith = async (files: Record<string, string | Uint8Array>) => {
    const folder = join(work, `rows-${++folders}`);
    await mkdir(folder);
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    return folder;
  };
  const retrain = async (store: string, data: string, args: string[] = [], env = {}) => {
    const ran = await run(retrainCommand, ['--store', store, '--data', data, '--workers', '1', ...args], {
      env,
    });
    return { ...ran, versions: await readdir(join(store, 'versions')).catch(() => []) };
  };

  test('learns from the older files and judges by the newest; again it makes nothing new', async () => {
    const store = join(work, 'store');
    const data = await folderWith({
      '2026-01.csv': rows(400, 1),
      '2026-02.csv.gz': gzipSync(rows(400, 2)),
      '2026-03.csv': rows(300, 3),
      _SUCCESS: '',
    });
    const first = await retrain(store, data, ['--json']);
    expect([first.code, first.versions.length]).toEqual([0, 1]);
    const told = JSON.parse(first.stdout);
    expect(told).toMatchObject({ channel: 'challenger', sequence: 1, changed: true, trained: true });
    expect(told.evaluation).toMatchObject({ rows: 300, verdict: 'better' });
    const [found, trained] = events(first.stderr);
    expect(found).toMatchObject({ files: 2, first: '2026-01.csv', heldOut: 1, heldOutFrom: '2026-03.csv' });
    // 800 rows, of which a fifth scores and a fifth calibrates.
    expect(trained).toMatchObject({ rows: 480 });

    const again = await retrain(store, data, ['--json']);
    expect([again.code, again.versions]).toEqual([0, first.versions]);
    expect(JSON.parse(again.stdout)).toMatchObject({ trained: false, changed: false, sequence: 1 });

    // What was held out is learned from when something newer has come.
    await writeFile(join(data, '2026-04.csv'), rows(300, 4));
    const next = await retrain(store, data);
    expect(next.versions.length).toBe(2);
    expect([0, 4]).toContain(next.code);
    expect(events(next.stderr)[1]).toMatchObject({ rows: 660 });
  });

  test('a worse one stays published, and the channel where it was: exit code 3', async () => {
    const store = join(work, 'worse');
    const good = await folderWith({ 'a.csv': rows(3000, 5), 'b.csv': rows(500, 6) });
    expect((await retrain(store, good)).code).toBe(0);
    const poor = await folderWith({ 'a.csv': rows(230, 7), 'b.csv': rows(1500, 8) });
    const { code, versions, stderr, stdout } = await retrain(store, poor);
    expect([code, versions.length, stdout]).toEqual([3, 2, '']);
    expect(events(stderr).at(-1)).toMatchObject({
      level: 'error',
      message: expect.stringContaining('is worse than'),
    });
    const { channel } = await new Registry(new DirectoryStore(store)).readChannel('challenger');
    expect(channel.sequence).toBe(1);
    // Judged again rather than made again, and the same.
    expect(await retrain(store, poor)).toMatchObject({ code: 3, versions });
  });

  test('too few held-out rows cannot tell: exit code 4', async () => {
    const data = await folderWith({ 'a.csv': rows(400, 1), 'b.csv': rows(60, 2) });
    const { code, stderr } = await retrain(join(work, 'few'), data);
    expect([code, stderr]).toEqual([4, expect.stringContaining('60 rows cannot tell')]);
  });

  test('bad rows refuse all, by file and line and never by value, unless they are to be left out', async () => {
    const lines = rows(400, 2).split('\n');
    lines[4] = lines[4]!.replace(/^[^,]*/, 'much');
    const data = await folderWith({
      'a.csv': rows(400, 1),
      'b.csv': lines.join('\n').trimEnd(),
      'c.csv': rows(300, 3),
      'd.csv': rows(300, 4),
    });
    const store = join(work, 'bad');
    const refused = await retrain(store, data);
    expect([refused.code, refused.versions]).toEqual([2, []]);
    expect(refused.stderr).toContain('line 5 of b.csv: column Income');
    expect(refused.stderr).not.toContain('much');
    const dropped = await retrain(store, data, ['--drop-bad-rows']);
    expect(dropped.code).toBe(0);
    const [, left, trained] = events(dropped.stderr);
    expect(left).toMatchObject({ level: 'warn', message: '1 bad row was left out' });
    expect(trained.rows).toBe(1099 - 2 * Math.floor(0.2 * 1099));
    expect(dropped.stderr).not.toContain('much');
  });

  test.each([
    ['one file alone', { 'a.csv': 'x' }, 'none is left to learn from'],
    [
      'other columns in one',
      { 'a.csv': SMALL, 'b.csv': SMALL.replace('Income,Age', 'Age,Income'), 'c.csv': SMALL },
      'b.csv with the files before it: its columns are not those of a.csv',
    ],
    [
      'a quote without its pair',
      { 'a.csv': `${SMALL.trimEnd()}"`, 'b.csv': SMALL, 'c.csv': SMALL },
      'a.csv with the files before it: its quotation marks do not come in pairs',
    ],
    ['what is no table', { 'a.csv': 'x', 'b.txt': 'x' }, 'Cannot read b.txt'],
    ['nothing', {}, 'holds no files of rows'],
  ])('%s is refused, and would be again: exit code 2', async (_, files, told) => {
    const { code, stderr, versions } = await retrain(
      join(work, 'none'),
      await folderWith(files as Record<string, string>),
    );
    expect([code, versions, stderr]).toEqual([2, [], expect.stringContaining(told)]);
  });

  test.each(['prod', 'production', 'prod-eu'])('never promotes to %s', async (channel) => {
    const { code, stderr } = await retrain(join(work, 'none'), work, ['--channel', channel]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('people are served by it')]);
  });

  test('stops before it publishes where it would have to sign and cannot; signs where it can', async () => {
    const data = await folderWith({ 'a.csv': rows(400, 1), 'b.csv': rows(300, 2) });
    const [own, other] = [await newKeyPair(), await newKeyPair()];
    const [key, otherKey] = [join(work, 'own.key'), join(work, 'other.key')];
    await writeFile(key, own.privatePem);
    await writeFile(otherKey, other.privatePem);
    const store = join(work, 'signed');
    const asked = { MODEL_PUBLIC_KEY: own.publicPem };
    for (const [env, told] of [
      [asked, 'there is no key'],
      [{ ...asked, MODEL_PRIVATE_KEY: join(work, 'no-such-secret') }, 'there is no key'],
      [{ ...asked, MODEL_PRIVATE_KEY: otherKey }, 'the key is none of those'],
    ] as const) {
      const stopped = await retrain(store, data, [], env);
      expect([stopped.code, stopped.versions]).toEqual([2, []]);
      expect(stopped.stderr).toContain(told);
    }
    // To try it again would help nobody.
    const missing = await retrain(store, data, ['--key', join(work, 'no-such-key')]);
    expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('it does not exist')]);
    const signed = await retrain(store, data, [], { ...asked, MODEL_PRIVATE_KEY: key });
    expect([signed.code, signed.versions.length]).toEqual([0, 1]);
    expect(await readdir(join(store, 'versions', signed.versions[0]!))).toContain('model.sig');
    // A channel that is signed asks for the key even where no setting does.
    const later = await folderWith({ 'a.csv': rows(400, 3), 'b.csv': rows(300, 4) });
    const without = await retrain(store, later, [], { MODEL_PRIVATE_KEY: join(work, 'no-such-secret') });
    expect([without.code, without.versions, without.stderr]).toEqual([
      2,
      signed.versions,
      expect.stringContaining('channel challenger is signed, and there is no key'),
    ]);
  });

  test('SIGTERM ends it without a version, to be tried again: exit code 1', async () => {
    const data = await folderWith({ 'a.csv': rows(20_000, 1), 'b.csv': rows(300, 2) });
    const store = join(work, 'stopped');
    const child = startSavings(['retrain', '--data', data, '--store', store, '--workers', '1']);
    const decoder = new TextDecoder();
    let stderr = '';
    let told = false;
    for await (const chunk of child.stderr) {
      stderr += decoder.decode(chunk, { stream: true });
      if (stderr.includes('rows were found') && !told) {
        told = true;
        child.kill('SIGTERM');
      }
    }
    expect([await child.exited, await readdir(store).catch(() => [])]).toEqual([1, []]);
    expect(stderr).toContain('it was told to stop (SIGTERM)');
  });

  test('train takes a location too', async () => {
    const data = await folderWith({ 'a.csv': rows(400, 1), 'b.csv': rows(300, 2) });
    const args = [
      '--data',
      data,
      '--out',
      join(work, 'trained'),
      '--version',
      'v',
      '--workers',
      '1',
      '--json',
    ];
    const { code, stdout } = await run(trainCommand, args);
    expect([code, JSON.parse(stdout).trainer.rows]).toEqual([0, 420]);
  });
});

describe.skipIf(!requireTool('radosgw'))(
  'savings retrain, with the role savings-train on a real S3 server',
  () => {
    let server: S3Server;
    let Models: string;
    let Data: string;
    let env: Record<string, string>;
    beforeAll(async () => {
      server = await s3Server();
      [Models, Data] = [await server.newBucket(), await server.newBucket()];
      await grantRole(server.client, 'TrainRole', 'stranger', { Models, Data });
      env = {
        MODEL_BUCKET: Models,
        AWS_REGION: server.region,
        AWS_ENDPOINT_URL_S3: server.endpoint,
        AWS_ACCESS_KEY_ID: server.stranger.accessKeyId,
        AWS_SECRET_ACCESS_KEY: server.stranger.secretAccessKey,
      };
    }, S3_START_MS);

    const put = (Key: string, Body: string | Uint8Array) =>
      server.client.send(new PutObjectCommand({ Bucket: Data, Key, Body }));
    const retrain = async (...args: string[]) => {
      const child = startSavings(
        ['retrain', `--data=s3://${Data}/labelled/`, '--workers=1', '--json', ...args],
        { env },
      );
      const [stdout, stderr, code] = await Promise.all([
        new Response(child.stdout).text(),
        new Response(child.stderr).text(),
        child.exited,
      ]);
      return { code, stdout, stderr };
    };
    const asTrainer = () =>
      new S3Store({
        bucket: Models,
        endpoint: server.endpoint,
        region: server.region,
        credentials: server.stranger,
      });
    const asOwner = () =>
      new Registry(
        new S3Store({
          bucket: Models,
          endpoint: server.endpoint,
          region: server.region,
          credentials: server.credentials,
        }),
      );

    test('files arrive, a version is published and named, and a second run changes nothing', async () => {
      await put('labelled/2026-01.csv', rows(400, 1));
      await put('labelled/2026-02.csv.gz', gzipSync(rows(400, 2)));
      await put('labelled/2026-03.csv', rows(300, 3));
      const first = await retrain();
      expect([first.code, events(first.stderr).map(({ level }) => level)]).toEqual([
        0,
        Array(5).fill('info'),
      ]);
      expect(JSON.parse(first.stdout)).toMatchObject({ channel: 'challenger', trained: true, changed: true });
      const again = await retrain();
      expect([again.code, JSON.parse(again.stdout)]).toMatchObject([0, { trained: false, changed: false }]);
      expect(await asOwner().listVersions()).toHaveLength(1);
    });

    test('the policy itself refuses every channel but challenger, deletion, and rows elsewhere', async () => {
      const [version] = await asOwner().listVersions();
      const refused = await retrain('--channel=dev');
      expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('access denied')]);
      const store = asTrainer();
      for (const channel of ['prod', 'dev', 'challenger2'])
        expect(
          await failure(
            store.compareAndSwap(`channels/${channel}.json`, new Uint8Array(1), null),
            'unavailable',
          ),
        ).toContain('access denied');
      expect(await asOwner().listChannels()).toEqual(['challenger']);
      const { endpoint, region, stranger: credentials } = server;
      const trainer = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
      const denied = expect.objectContaining({ name: 'AccessDenied' });
      const Key = `versions/${version}/manifest.json`;
      await expect(trainer.send(new DeleteObjectCommand({ Bucket: Models, Key }))).rejects.toEqual(denied);
      for (const path of ['labelled/x.csv', 'scored/x.csv'])
        await expect(
          trainer.send(new PutObjectCommand({ Bucket: Data, Key: path, Body: 'x' })),
        ).rejects.toEqual(denied);
      await put('to-score/x.csv', 'x');
      const elsewhere = startSavings(['retrain', `--data=s3://${Data}/to-score/`], { env });
      expect([await elsewhere.exited, await new Response(elsewhere.stderr).text()]).toEqual([
        1,
        expect.stringContaining('access denied'),
      ]);
    });

    test('what it published is what a server loads', async () => {
      const registry = new Registry(asTrainer());
      const { channel } = await registry.readChannel('challenger');
      const model = await loadModel(await registry.readVersion(channel.version, channel.manifestSha256), {
        spawn: spawnLoadWorker,
      });
      expect(model.manifest.data.source).toBe('2 files, 2026-01.csv to 2026-02.csv.gz');
    });
  },
);
