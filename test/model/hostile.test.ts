import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { AppError } from '../../src/errors.ts';
import { compile } from '../../src/forest/predict.ts';
import { type Artifact, parseManifest } from '../../src/model/artifact/artifact.ts';
import { promoted } from '../../src/model/artifact/channel.ts';
import { FILES } from '../../src/model/manifest.ts';
import { Model } from '../../src/model/model.ts';
import { openSignature, signFiles } from '../../src/model/signing/model-signature.ts';
import { sha256 } from '../../src/model/sha256.ts';
import { decodeChannel, encodeChannel } from '../../src/model/signing/signed-channel.ts';
import { verifyArtifact } from '../../src/model/artifact/verify.ts';
import { DirectoryStore } from '../../src/store/directory/directory.ts';
import { Mirror } from '../../src/store/mirror.ts';
import { Registry } from '../../src/store/registry.ts';
import { HOUSEHOLD } from '../support/app.ts';
import { newKeyPair } from '../support/key-pair.ts';
import { testArtifact } from '../support/model.ts';

let good: Artifact;
let work: string;
beforeAll(async () => {
  good = await testArtifact();
  work = await mkdtemp(join(tmpdir(), 'savings-hostile-'));
});
afterAll(() => rm(work, { recursive: true, force: true }));

const SEED = 20260101;
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytesOf = (value: string) => new TextEncoder().encode(value);

/** JSON as it is written, so that what no object can hold is among it. */
const HOSTILE = [
  '1e400',
  '-1e400',
  '1.7976931348623157e308',
  '5e-324',
  '-0',
  '9007199254740993',
  '-1',
  '1e9',
  'null',
  'true',
  '""',
  '[]',
  '{}',
  '"../../../../tmp/escaped"',
  '"..\\\\..\\\\escaped"',
  '"/etc/passwd"',
  '"constructor"',
  '"__proto__"',
  '"\\u0000"',
  '"\\ud800"',
  '"<script>alert(1)</script>"',
  '{"__proto__": {"polluted": 1}}',
  '{"constructor": {"prototype": {"polluted": 1}}}',
  `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  `${'{"left":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
  `"${'x'.repeat(200_000)}"`,
  `[${Array.from({ length: 5_000 }, () => 0).join()}]`,
];
const KEYS = ['__proto__', 'constructor', 'toString', '', 'x'.repeat(10_000)];

/** Every place in some JSON, as the keys that lead there. */
function placesIn(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => placesIn(inner, [...path, key]))];
}

/** The JSON with a hostile value, or key, in one place. */
function spoil(json: unknown, path: readonly string[], hostile: string, key: string | undefined): string {
  if (path.length === 0) return hostile;
  const copy = structuredClone(json);
  let parent = copy as Record<string, unknown>;
  for (const step of path.slice(0, -1)) parent = parent[step] as Record<string, unknown>;
  const last = path.at(-1)!;
  parent[last] = '@HOSTILE@';
  const written = JSON.stringify(copy);
  if (key === undefined) return written.replace('"@HOSTILE@"', () => hostile);
  return written
    .replace(`"${last}":"@HOSTILE@"`, () => `${JSON.stringify(key)}:${hostile}`)
    .replace('"@HOSTILE@"', hostile);
}

function expectUnpolluted() {
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
  expect(Object.keys(Object.prototype)).toEqual([]);
}

/** What is refused is refused as corrupt; anything else that is thrown is a defect. */
function orCorrupt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof AppError && error.code === 'corrupt') {
      // One line of a log, whatever was in the file.
      expect(error.message.length).toBeLessThan(2_000);
      return undefined;
    }
    throw error;
  }
}

const spoiling = (json: unknown) =>
  fc.record({
    path: fc.constantFrom(...placesIn(json)),
    hostile: fc.constantFrom(...HOSTILE),
    key: fc.option(fc.constantFrom(...KEYS), { nil: undefined, freq: 4 }),
  });

describe('an artifact with one hostile value in it, vouched for by its own manifest', () => {
  test.each([FILES.manifest, FILES.forest, FILES.golden, FILES.reference])(
    '%s: is refused as corrupt, or predicts finite numbers',
    (path) => {
      const zipped = path === FILES.forest;
      const raw = good.files.get(path)!;
      const json = JSON.parse(text(zipped ? gunzipSync(raw) : raw));
      let refused = 0;
      fc.assert(
        fc.property(spoiling(json), (change) => {
          const spoilt = bytesOf(spoil(json, change.path, change.hostile, change.key));
          const files = new Map(good.files).set(path, zipped ? gzipSync(spoilt) : spoilt);
          if (path !== FILES.manifest) {
            const manifest = JSON.parse(text(good.files.get(FILES.manifest)!));
            for (const file of manifest.files) {
              const bytes = files.get(file.path)!;
              Object.assign(file, { bytes: bytes.length, sha256: sha256(bytes) });
            }
            files.set(FILES.manifest, bytesOf(JSON.stringify(manifest)));
          }
          const manifestSha256 = sha256(files.get(FILES.manifest)!);
          const verified = orCorrupt(() =>
            verifyArtifact({ manifest: good.manifest, manifestSha256, files }),
          );
          expectUnpolluted();
          if (verified === undefined) {
            refused++;
            return;
          }
          const model = new Model(
            verified.manifest,
            manifestSha256,
            compile(verified.forest),
            verified.reference,
          );
          const parsed = model.inputs.parse(HOUSEHOLD);
          if (!parsed.ok) return;
          const { amount, interval, rate } = model.predict(parsed.inputs);
          for (const number of [amount, interval.low, interval.high, rate])
            expect(Number.isFinite(number)).toBe(true);
        }),
        { numRuns: 60, seed: SEED },
      );
      expect(refused).toBeGreaterThan(20);
    },
    60_000,
  );
});

describe('bytes that are anything', () => {
  const anything = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.json({ maxDepth: 6 }).map(bytesOf),
    fc.constantFrom(...HOSTILE).map(bytesOf),
    fc.constantFrom(...HOSTILE).map((hostile) => bytesOf(`{"payloadType": ${hostile}}`)),
  );

  test('are no manifest, channel or signature, and nothing but that', async () => {
    const { key } = await newKeyPair();
    const corrupt = async (work: Promise<unknown>) => {
      const error = await work.then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error instanceof AppError && error.code).toBe('corrupt');
    };
    await fc.assert(
      fc.asyncProperty(anything, async (bytes) => {
        expect(orCorrupt(() => parseManifest(bytes, 'test-1', 'a test'))).toBeUndefined();
        await corrupt(decodeChannel('prod', bytes, undefined, 'a test'));
        await corrupt(decodeChannel('prod', bytes, [key.verification], 'a test'));
        await corrupt(openSignature(bytes, [key.verification], 'a test'));
        expectUnpolluted();
      }),
      { numRuns: 400, seed: SEED },
    );
  });

  test.each([false, true])('a channel file with one hostile value in it; signed: %p', async (signed) => {
    const { key } = await newKeyPair();
    const channel = promoted(promoted(undefined, stateOf('v1')), stateOf('v2'));
    const json = JSON.parse(text(await encodeChannel('prod', channel, signed ? key : undefined)));
    await fc.assert(
      fc.asyncProperty(spoiling(json), async ({ path, hostile, key: name }) => {
        const bytes = bytesOf(spoil(json, path, hostile, name));
        for (const reader of [undefined, [key.verification]]) {
          const read = await decodeChannel('prod', bytes, reader, 'a test').catch((error: unknown) => {
            if (error instanceof AppError && error.code === 'corrupt') return undefined;
            throw error;
          });
          expectUnpolluted();
          if (read === undefined) continue;
          // What can be read is safe to use as a name of a folder and a key.
          expect(read.channel.version).toMatch(/^[a-z0-9][a-z0-9.-]{0,63}$/);
          if (reader) expect(read.channel).toEqual(channel);
        }
      }),
      { numRuns: 200, seed: SEED },
    );
  });

  test('a signature with one hostile value in it opens to what was signed, or not at all', async () => {
    const { key } = await newKeyPair();
    const json = JSON.parse(text(await signFiles(good.files, 'test-1', key)));
    await fc.assert(
      fc.asyncProperty(spoiling(json), async ({ path, hostile, key: name }) => {
        const bytes = bytesOf(spoil(json, path, hostile, name));
        const signed = await openSignature(bytes, [key.verification], 'a test').catch((error: unknown) => {
          if (error instanceof AppError && error.code === 'corrupt') return undefined;
          throw error;
        });
        if (signed) expect(signed.get(FILES.manifest)).toBe(good.manifestSha256);
      }),
      { numRuns: 200, seed: SEED },
    );
  });
});

const stateOf = (version: string) => ({
  version,
  manifestSha256: 'a'.repeat(64),
  promotedAt: '2026-01-01T00:00:00Z',
  reason: 'a test',
});

describe('names that lead elsewhere', () => {
  const NAMES = [
    '..',
    '../escaped',
    '/escaped',
    'a/../../escaped',
    '.mirror',
    'C:\\x',
    'a\0b',
    '',
    'A',
    'x'.repeat(65),
  ];

  test('are no versions and no channels, and nothing is read or written for them', async () => {
    const [remoteRoot, localRoot] = [join(work, 'names/remote'), join(work, 'names/local')];
    const remote = new Registry(new DirectoryStore(remoteRoot));
    const mirror = new Mirror({ remote, localRoot });
    for (const name of NAMES) {
      for (const attempt of [
        remote.readVersion(name),
        remote.readChannel(name),
        remote.resolve({ channel: name }),
        mirror.readVersion(name),
        remote.writeChannel(name, promoted(undefined, stateOf('v1')), null),
      ])
        expect(await attempt.catch((error) => (error as AppError).code)).toBe('invalid');
    }
    expect(await readdir(join(work, 'names')).catch(() => [])).toEqual([]);
  });

  test('in a manifest are refused, and the mirror writes nothing but into its own directory', async () => {
    const root = join(work, 'mirror');
    const folder = join(root, 'remote/versions/test-1');
    await mkdir(folder, { recursive: true });
    for (const [path, bytes] of good.files) await writeFile(join(folder, path), bytes);
    const json = JSON.parse(text(good.files.get(FILES.manifest)!));
    const places = placesIn(json).filter(
      (path) => path.length === 0 || ['version', 'files', 'name'].includes(path[0]),
    );
    const mirror = new Mirror({
      remote: new Registry(new DirectoryStore(join(root, 'remote'))),
      localRoot: join(root, 'local'),
    });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...places), fc.constantFrom(...HOSTILE), async (path, hostile) => {
        await writeFile(join(folder, FILES.manifest), spoil(json, path, hostile, undefined));
        const code = await mirror.readVersion('test-1').then(
          () => 'read',
          (error: AppError) => error.code,
        );
        expect(['corrupt', 'too_large', 'read']).toContain(code);
        expect((await readdir(root)).filter((name) => name !== 'local')).toEqual(['remote']);
        if (code !== 'read') expect(await readdir(join(root, 'local/versions')).catch(() => [])).toEqual([]);
        await rm(join(root, 'local'), { recursive: true, force: true });
      }),
      { numRuns: 120, seed: SEED },
    );
  }, 30_000);
});

describe('what unpacks to more than it should', () => {
  test.each([
    ['zeros', () => gzipSync(Buffer.alloc(200 << 20))],
    ['gzip within gzip', () => gzipSync(gzipSync(Buffer.alloc(100 << 20)))],
    ['JSON that goes on for ever', () => gzipSync(`[${'0,'.repeat(30 << 20)}0]`)],
    [
      'many members, one after the other',
      () => {
        const member = gzipSync(Buffer.alloc(1 << 20));
        return Buffer.concat(Array.from({ length: 300 }, () => member));
      },
    ],
    ['a stream that is cut', () => gzipSync(Buffer.alloc(1 << 20)).subarray(0, 100)],
  ])('%s: refused', (_, make) => {
    const bomb = make();
    const manifest = JSON.parse(text(good.files.get(FILES.manifest)!));
    for (const file of manifest.files)
      if (file.path === FILES.forest) Object.assign(file, { bytes: bomb.length, sha256: sha256(bomb) });
    const manifestBytes = bytesOf(JSON.stringify(manifest));
    const files = new Map(good.files).set(FILES.forest, bomb).set(FILES.manifest, manifestBytes);
    const artifact = { manifest: good.manifest, manifestSha256: sha256(manifestBytes), files };
    expect(orCorrupt(() => verifyArtifact(artifact))).toBeUndefined();
  });
});
