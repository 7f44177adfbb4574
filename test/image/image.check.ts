/** The built image, run as it will run. Not part of `bun test`, since it needs the image: `.ci/image` runs it. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sampleCsv } from '../../src/dataset/synthetic/sample-csv.ts';
import { Registry } from '../../src/store/registry.ts';
import { S3Store } from '../../src/store/s3/s3.ts';
import { HOUSEHOLD } from '../support/household.ts';
import { testArtifact, testModel, testModelDirectory } from '../support/model.ts';
import { requireTool } from '../support/require-tool.ts';
import { s3Server } from '../support/s3-server.ts';
import { uploadFirst } from '../support/upload-first.ts';
import { Container, engine, HARDENED, IMAGE, type RunOptions, runOnce } from './container.ts';

let running: Container[] = [];
afterEach(() => {
  for (const container of running) container.remove();
  running = [];
});

async function start(options: RunOptions): Promise<Container> {
  const container = await Container.start(options);
  running.push(container);
  return container;
}

/** A folder that uid 65532 owns, as an emptyDir with fsGroup is. */
function ownFolder(folder = mkdtempSync(join(tmpdir(), 'savings-image-'))): string {
  spawnSync('chown', ['-R', '65532:65532', folder]);
  chmodSync(folder, 0o755);
  return folder;
}

async function predict(container: Container): Promise<{ amount: number }> {
  const answer = await fetch(`${container.url}/api/v1/predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ inputs: HOUSEHOLD }),
  });
  const { predictions } = await answer.json();
  return predictions[0] ?? predictions;
}

async function expected(): Promise<number> {
  const model = await testModel();
  const parsed = model.inputs.parse(HOUSEHOLD);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  return model.predict(parsed.inputs).amount;
}

describe('what the image holds', () => {
  const config = JSON.parse(engine('image', 'inspect', '--format', '{{json .Config}}', IMAGE));

  test('is the binary, what it links to, and the records of both', () => {
    const id = engine('create', IMAGE);
    const tar = join(mkdtempSync(join(tmpdir(), 'savings-export-')), 'image.tar');
    try {
      engine('export', '--output', tar, id);
      const { stdout } = spawnSync('tar', ['--list', '--file', tar], {
        encoding: 'utf8',
        maxBuffer: 1 << 24,
      });
      const files = stdout
        .split('\n')
        .map((path) => path.replace(/^\.?\//, ''))
        // Engines add these to each container.
        .filter(
          (path) =>
            !/^(\.dockerenv|dev\/|proc\/|sys\/|run\/|etc\/(?!os-release|debian_version))|^$/.test(path),
        )
        .filter((path) => !path.endsWith('/'));
      expect(
        files.filter((path) => !/^lib/.test(path)).map((path) => path.replace(/libc6.*/, 'libc6')),
      ).toEqual(expect.arrayContaining(['savings']));
      for (const file of files) {
        expect(file).toMatch(
          /^(savings|lib(64)?\/.*(ld-linux-[\w-]+\.so\.\d|lib(c|m)\.so\.6|libpthread\.so\.0|libdl\.so\.2)|var\/lib\/dpkg\/status\.d\/libc6.*|(usr\/lib|etc)\/os-release|etc\/debian_version|usr\/share\/savings\/node_modules\/.*\/package\.json)$/,
        );
      }
    } finally {
      engine('rm', id);
      rmSync(join(tar, '..'), { recursive: true });
    }
  });

  test('says what it is, starts the server, and belongs to nobody', () => {
    expect(config.User).toBe('65532:65532');
    expect(config.Entrypoint).toEqual(['/savings']);
    expect(config.Cmd).toEqual(['serve']);
    expect(Object.keys(config.ExposedPorts)).toEqual(['8080/tcp', '9464/tcp']);
    expect(config.Labels).toMatchObject({
      'org.opencontainers.image.title': 'savings',
      'org.opencontainers.image.licenses': 'MIT',
      'org.opencontainers.image.revision': process.env.REVISION ?? 'unknown',
    });
  });

  test('has no setting but where its home, its models and its uploads are', () => {
    const names = config.Env.map((entry: string) => entry.split('=')[0]);
    expect(names.sort()).toEqual(['GIT_SHA', 'HOME', 'MODEL_DIR', 'PATH', 'UPLOAD_SPILL_DIR']);
  });
});

describe('the server in the image, as uid 65532 on a read-only root without any capability', () => {
  let models: string;
  beforeAll(async () => {
    models = ownFolder(await testModelDirectory());
  });
  afterAll(() => rmSync(models, { recursive: true }));

  const withModels = () => [...HARDENED, `--volume=${models}:/models`];

  test('predicts what the library predicts', async () => {
    const container = await start({ flags: withModels() });
    expect((await container.ready()).model.version).toBe('test-1');
    expect((await predict(container)).amount).toBe(await expected());
    const page = await (await fetch(container.url)).text();
    expect(page).toContain('<form');
    expect(await (await fetch(container.metricsUrl)).text()).toContain('savings_model_info{');
  });

  test('runs as nobody, with nothing that it could use to become somebody', async () => {
    const container = await start({ flags: withModels() });
    await container.ready();
    const status = readFileSync(`/proc/${container.pid}/status`, 'utf8');
    expect(status).toMatch(/^Uid:\t65532\t65532\t65532\t65532$/m);
    expect(status).toMatch(/^CapEff:\t0+$/m);
    expect(status).toMatch(/^NoNewPrivs:\t1$/m);
  });

  test('answers clients that send everything before they read, in its memory, with a folder for that', async () => {
    const spill = ownFolder();
    const container = await start({ flags: [...withModels(), `--volume=${spill}:/spill`] });
    await container.ready();
    const [header, ...rows] = [...sampleCsv(2_000, 9)].join('').trimEnd().split('\n');
    const block = `${rows.join('\n')}\n`;
    const blocks = 150;
    const answers = await Promise.all(
      [1, 2, 3].map(() => uploadFirst(container.url, `${header}\n`, Array(blocks).fill(block))),
    );
    for (const answer of answers) expect(answer).toEqual({ whole: true, lines: blocks * rows.length + 1 });
    for (const [, bytes] of container.log.matchAll(/"spilledBytes":(\d+)/g)) {
      expect(Number(bytes)).toBeGreaterThan(10e6);
    }
    expect(readdirSync(spill)).toEqual([]);
    rmSync(spill, { recursive: true });
  });

  test('ends on SIGTERM without losing a request, with exit code 0', async () => {
    const container = await start({ flags: withModels() });
    await container.ready();
    const answers: number[] = [];
    let asking = true;
    const visitor = (async () => {
      // As a load balancer sends: a new connection each time, until it has seen that the server is not ready.
      while (asking) {
        const ready = await fetch(`${container.url}/readyz`, { headers: { connection: 'close' } });
        await ready.text();
        if (ready.status !== 200) break;
        answers.push((await fetch(container.url, { headers: { connection: 'close' } })).status);
      }
    })();
    await Bun.sleep(300);
    const code = await container.stop();
    asking = false;
    await visitor;
    expect(code).toBe(0);
    expect(container.log).toContain('stopped');
    expect(answers.length).toBeGreaterThan(0);
    expect(new Set(answers)).toEqual(new Set([200]));
  });

  test('refuses bad settings by name, with exit code 2', async () => {
    const { code, stderr } = await runOnce({ environment: { PORT: 'http', MODEL_BUCKET: 'SET-ME' } });
    expect(code).toBe(2);
    expect(stderr).toContain('PORT must be');
    expect(stderr).toContain('MODEL_BUCKET must be');
  });

  test('refuses a port that another server has, with exit code 1', async () => {
    const container = await start({ flags: withModels() });
    await container.ready();
    const taken = { PORT: new URL(container.url).port, METRICS_PORT: new URL(container.metricsUrl).port };
    for (const setting of ['PORT', 'METRICS_PORT'] as const) {
      const environment = { PORT: '0', METRICS_PORT: '0', [setting]: taken[setting] };
      const { code, stderr } = await runOnce({ flags: withModels(), environment });
      expect(code).toBe(1);
      expect(stderr).toContain(`Cannot listen on port ${taken[setting]}: it is taken.`);
    }
  });

  test('answers by IPv6 too', async () => {
    const container = await start({ flags: withModels() });
    await container.ready();
    for (const url of [`${container.url}/livez`, container.metricsUrl]) {
      expect((await fetch(url.replace('127.0.0.1', '[::1]'))).status).toBe(200);
    }
  });

  test('can do what the command can: train, and then serve that', async () => {
    const own = ownFolder();
    try {
      const flags = [...HARDENED, `--volume=${own}:/models`];
      const trained = await runOnce({
        flags,
        command: ['train', '--sample', '500', '--trees', '5', '--workers', '2', '--version', 'made-here'],
      });
      expect({ code: trained.code, stderr: trained.stderr }).toMatchObject({ code: 0 });
      const container = await start({ flags });
      expect((await container.ready()).model.version).toBe('made-here');
    } finally {
      rmSync(own, { recursive: true });
    }
  });

  test.skipIf(!requireTool('radosgw'))(
    'fetches its model from S3, and the next one when it is promoted',
    async () => {
      const server = await s3Server();
      const bucket = await server.newBucket();
      const { endpoint, region, credentials } = server;
      process.env.AWS_ACCESS_KEY_ID = credentials.accessKeyId;
      process.env.AWS_SECRET_ACCESS_KEY = credentials.secretAccessKey;
      const registry = new Registry(new S3Store({ bucket, prefix: '', region, endpoint }));
      const promote = async (version: string, sequence: number, tag: string | null) => {
        const { artifact } = await registry.publishVersion((await testArtifact(version)).files);
        const { manifestSha256 } = artifact;
        return await registry.writeChannel(
          'prod',
          {
            version,
            manifestSha256,
            sequence,
            promotedAt: '2026-01-01T00:00:00Z',
            reason: 'test',
            previous: [],
          },
          tag,
        );
      };
      const tag = await promote('test-1', 1, null);
      const cache = ownFolder();
      try {
        const container = await start({
          flags: [...HARDENED, `--volume=${cache}:/models`],
          environment: {
            MODEL_BUCKET: bucket,
            MODEL_REFRESH_SECONDS: '1',
            AWS_REGION: region,
            AWS_ENDPOINT_URL_S3: endpoint,
            AWS_ACCESS_KEY_ID: credentials.accessKeyId,
            AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
          },
        });
        expect((await container.ready()).model.version).toBe('test-1');
        expect((await predict(container)).amount).toBe(await expected());
        await promote('test-2', 2, tag);
        const until = performance.now() + 30_000;
        while ((await container.ready()).model.version !== 'test-2' && performance.now() < until)
          await Bun.sleep(100);
        expect((await container.ready()).model.version).toBe('test-2');
      } finally {
        // The container still writes to it.
        rmSync(cache, { recursive: true, force: true, maxRetries: 10 });
      }
    },
  );
});

describe('docker run, as the README has it', () => {
  test('publishes a port, keeps its models in a volume, and makes a sample model the first time', async () => {
    const volume = `savings-check-${process.pid}`;
    try {
      const container = await Container.startPublished([`--volume=${volume}:/models`]);
      running.push(container);
      const { model } = await container.ready(180_000);
      expect(model.version).toStartWith('sample-');
      container.remove();
      running = [];
      const again = await Container.startPublished([`--volume=${volume}:/models`]);
      running.push(again);
      // Not trained again: that would take longer than this.
      expect((await again.ready(15_000)).model.version).toBe(model.version);
    } finally {
      for (const container of running) container.remove();
      running = [];
      engine('volume', 'rm', '--force', volume);
    }
  });
});
