import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { gzipSync } from 'node:zlib';
import { promoted } from '../../../src/model/artifact/channel.ts';
import { predictCsv } from '../../../src/dataset/predict-csv.ts';
import { Random } from '../../../src/dataset/synthetic/random.ts';
import { sampleCsv } from '../../../src/dataset/synthetic/sample-csv.ts';
import { bytesOf, type Location, openLocation } from '../../../src/store/location.ts';
import { Registry } from '../../../src/store/registry.ts';
import { S3Store } from '../../../src/store/s3/s3.ts';
import { bytesOf as pieces } from '../../support/bytes.ts';
import { runSavings, startSavings } from '../../support/command.ts';
import { type FaultyProxy, startFaultyProxy } from '../../support/faulty-proxy.ts';
import { testArtifact, testModel } from '../../support/model.ts';
import { requireTool } from '../../support/require-tool.ts';
import { S3_START_MS, type S3Server, s3Server } from '../../support/s3-server.ts';

setDefaultTimeout(240_000);

/** Another gives another order of events: say it when a run fails. */
const SEED = Number(process.env.SEED ?? 20_261_127);
const SHARDS = 20;
const KILLS = 50;
/** Indexes that two workers get at the same time. */
const TWICE = [3, 11, 12];
const AT_ONCE = 3;
/** What clients send between two events is up to so much. */
const TRAFFIC_BYTES = 120_000;

/** Rows with a column of notes, in which quotes, commas and line breaks stand; some rows are bad. */
function notedCsv(rows: number, seed: number): string {
  const [header, ...lines] = [...sampleCsv(rows, seed)].join('').trimEnd().split('\n');
  const noted = lines.map((line, i) => {
    const good = i % 701 === 5 ? line.replace(/^[^,]*/, '-1') : line;
    return `${good},${i % 3 === 0 ? `"row ${i},\n""so"", he\nsaid"` : `row ${i}`}\n`;
  });
  return `${header},Note\n${noted.join('')}`;
}

const CSVS = [notedCsv(14_000, 1), notedCsv(1_500, 2), notedCsv(8_000, 3)];

describe.skipIf(!requireTool('radosgw'))('a run whose workers are killed and whose network fails', () => {
  let s3: S3Server;
  let bucket: string;
  let registry: Registry;
  let proxy: FaultyProxy;
  let onTraffic = (_: number) => {};
  beforeAll(async () => {
    s3 = await s3Server();
    bucket = await s3.newBucket();
    registry = new Registry(new S3Store({ ...s3, bucket, prefix: 'models' }));
    for (const version of ['test-1', 'test-2'])
      await registry.publishVersion((await testArtifact(version)).files);
    await promote('test-1');
    proxy = await startFaultyProxy(s3.endpoint, ({ length }) => onTraffic(length));
    const from = at('rows');
    await from.put('a.csv', pieces(CSVS[0]!));
    await from.put('b.csv.gz', pieces(gzipSync(CSVS[1]!)));
    await from.put('c/c.csv', pieces(CSVS[2]!));
  }, S3_START_MS);
  afterAll(() => proxy?.stop());

  const at = (prefix: string) => openLocation(`s3://${bucket}/${prefix}/`, s3);
  async function promote(version: string) {
    const read = await registry.readChannel('batch').catch(() => undefined);
    const { manifestSha256 } = await testArtifact(version);
    const promotedAt = '2026-01-01T00:00:00Z';
    const state = promoted(read?.channel, { version, manifestSha256, promotedAt, reason: 'a test' });
    await registry.writeChannel('batch', state, read?.etag ?? null);
  }
  const args = (to: string) => ['predict', '--from', `s3://${bucket}/rows/`, '--to', `s3://${bucket}/${to}/`];
  const environment = (endpoint: string) => ({
    MODEL_BUCKET: bucket,
    MODEL_PREFIX: 'models',
    MODEL_VERSION: 'channel:batch',
    SHARD_COUNT: String(SHARDS),
    AWS_REGION: s3.region,
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_ACCESS_KEY_ID: s3.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.credentials.secretAccessKey,
  });

  test('leaves the bytes of a run that nothing disturbed', async () => {
    const clean = await runSavings(args('clean'), { env: environment(s3.endpoint) });
    expect([clean.code, clean.stderr]).toEqual([0, expect.not.stringContaining('Cannot')]);

    const random = new Random(SEED);
    const job = new Job((shard) =>
      startSavings(args('disturbed'), {
        env: { ...environment(proxy.endpoint), JOB_COMPLETION_INDEX: String(shard) },
      }),
    );
    const events = shuffled(random, [
      ...Array.from({ length: KILLS }, (_, i) => () => job.kill(i % 3 === 0 ? 'SIGTERM' : 'SIGKILL', random)),
      ...Array.from({ length: 4 }, () => () => proxy.setMode('pass')),
      ...(['reset', '503', 'truncate', 'lose-response'] as const).map((mode) => () => proxy.once(mode)),
    ]);
    events.splice(
      events.length / 2,
      0,
      () => promote('test-2'),
      () => outage(job),
    );
    let left = random.uint32() % TRAFFIC_BYTES;
    let happening = Promise.resolve();
    onTraffic = (bytes) => {
      left -= bytes;
      if (left > 0) return;
      left = random.uint32() % TRAFFIC_BYTES;
      const event = events.shift();
      if (event) happening = happening.then(event);
    };
    await job.run(Array.from({ length: SHARDS }, (_, i) => (TWICE.includes(i) ? [i, i] : [i])).flat());
    await happening;
    onTraffic = () => {};

    expect([SEED, events.length, job.killed]).toEqual([SEED, 0, KILLS]);
    const [expected, found] = [await contentOf(at('clean')), await contentOf(at('disturbed'))];
    expect([...found.keys()]).toEqual([...expected.keys()]);
    for (const [name, bytes] of found)
      expect([name, bytes.equals(expected.get(name)!)]).toEqual([name, true]);
    expect(await modelOf(at('disturbed'))).toBe('test-1');
  });

  test('has each row once, in the order of the inputs', async () => {
    const content = await contentOf(at('disturbed'));
    const parts = [...content]
      .filter(([name]) => /^part-\d+\.csv$/.test(name))
      .map(([, bytes]) => bytes.toString());
    expect(parts).toHaveLength(SHARDS);
    const model = await testModel();
    const texts = await Promise.all(
      CSVS.map(async (csv) => {
        const [, ...rows] = await Array.fromAsync(predictCsv(pieces(csv), model, { onFault: () => {} }));
        return Buffer.concat(rows).toString();
      }),
    );
    expect(parts.map((part) => part.slice(part.indexOf('\n') + 1)).join('')).toBe(texts.join(''));
    const status = await runSavings(['predict', '--status', at('disturbed').name, '--json'], {
      env: environment(s3.endpoint),
    });
    const bad = CSVS.flatMap((csv) => csv.match(/^-1,/gm) ?? []).length;
    expect(JSON.parse(status.stdout)).toMatchObject({
      done: SHARDS,
      missing: [],
      rows: 23_500 - bad,
      rejects: bad,
    });
  });

  /** No network until somebody has given up because of it. */
  async function outage(job: Job): Promise<void> {
    await proxy.setMode('down');
    await job.failure();
    await proxy.setMode('pass');
  }
});

type Pod = ReturnType<typeof startSavings>;

/** What an indexed Job does: it starts a pod for each index, and another when that fails, unless it can never succeed. */
class Job {
  readonly #start: (shard: number) => Pod;
  readonly #running = new Set<Pod>();
  #onFailure: () => void = () => {};
  #onStart: () => void = () => {};
  #isOver = false;
  killed = 0;

  constructor(start: (shard: number) => Pod) {
    this.#start = start;
  }

  async run(indexes: number[]): Promise<void> {
    const queue = [...indexes];
    const worker = async () => {
      for (let shard = queue.shift(); shard !== undefined; shard = queue.shift()) await this.#complete(shard);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    this.#isOver = true;
    this.#onStart();
    this.#onFailure();
  }

  /** Kills one of the pods that run. */
  async kill(signal: NodeJS.Signals, random: Random): Promise<void> {
    while (this.#running.size === 0 && !this.#isOver)
      await new Promise<void>((resolve) => {
        this.#onStart = resolve;
      });
    const pods = [...this.#running];
    const pod = pods[random.uint32() % Math.max(1, pods.length)];
    if (pod === undefined) return;
    pod.kill(signal);
    this.killed++;
    this.#running.delete(pod);
  }

  /** Resolves when a pod fails next. */
  failure(): Promise<void> {
    return new Promise((resolve) => {
      this.#onFailure = resolve;
    });
  }

  async #complete(shard: number): Promise<void> {
    for (;;) {
      const pod = this.#start(shard);
      this.#running.add(pod);
      this.#onStart();
      const [stderr] = await Promise.all([new Response(pod.stderr).text(), pod.exited]);
      this.#running.delete(pod);
      if (pod.exitCode === 0) return;
      // 2 would be for good: nothing here is.
      if (pod.signalCode === null && pod.exitCode !== 1)
        throw new Error(`exit code ${pod.exitCode}: ${stderr}`);
      this.#onFailure();
    }
  }
}

function shuffled<T>(random: Random, items: T[]): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const other = random.uint32() % (i + 1);
    [items[i], items[other]] = [items[other]!, items[i]!];
  }
  return items;
}

/** Every file of a run but its record, by name; that holds when the run began. */
async function contentOf(location: Location): Promise<Map<string, Buffer>> {
  const content = new Map<string, Buffer>();
  for (const file of await location.list())
    content.set(file.path, Buffer.concat(await Array.fromAsync(bytesOf(location, file))));
  return content;
}

async function modelOf(location: Location): Promise<string> {
  const { bytes } = await location.store.get('_run.json', { maxBytes: 1_000_000, timeoutMs: 10_000 });
  return JSON.parse(Buffer.from(bytes).toString()).model.version;
}
