import { beforeAll, describe, expect, test } from 'bun:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { AppError } from '../../../src/errors.ts';
import type { Artifact } from '../../../src/model/artifact/artifact.ts';
import { type LoadOptions, loadModel } from '../../../src/model/artifact/load.ts';
import { FILES, type Manifest } from '../../../src/model/manifest.ts';
import { sha256 } from '../../../src/model/sha256.ts';
import { spawnLoadWorker } from '../../../src/workers.ts';
import { HOUSEHOLD } from '../../support/app.ts';
import { testArtifact } from '../../support/model.ts';

let good: Artifact;
beforeAll(async () => {
  good = await testArtifact();
});

const load = (artifact: Artifact, options: Partial<LoadOptions> = {}) =>
  loadModel(artifact, { spawn: spawnLoadWorker, ...options });

const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const decode = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes));

/** The good artifact with one file changed, and a manifest that vouches for it: only deeper checks can tell. */
function forged(
  path: string,
  bytes: Uint8Array,
  changeManifest: (manifest: Manifest) => void = () => {},
): Artifact {
  const manifest = decode(good.files.get(FILES.manifest)!) as Manifest;
  for (const file of manifest.files) {
    if (file.path === path) Object.assign(file, { bytes: bytes.length, sha256: sha256(bytes) });
  }
  changeManifest(manifest);
  const manifestBytes = encode(manifest);
  const files = new Map(good.files).set(path, bytes).set(FILES.manifest, manifestBytes);
  return { manifest: good.manifest, manifestSha256: sha256(manifestBytes), files };
}

// biome-ignore lint/suspicious/noExplicitAny: hostile JSON has no type
function forgedForest(change: (forest: any) => void): Artifact {
  const forest = decode(gunzipSync(good.files.get(FILES.forest)!));
  change(forest);
  return forged(FILES.forest, gzipSync(JSON.stringify(forest)));
}

async function faultOf(artifact: Artifact): Promise<string> {
  try {
    await load(artifact);
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    expect((error as AppError).code).toBe('corrupt');
    return (error as Error).message;
  }
  throw new Error('the artifact was accepted');
}

describe('loadModel', () => {
  test('makes a model of what the trainer made', async () => {
    const model = await load(good);
    expect(model.sha256).toBe(good.manifestSha256);
    expect(model.version).toBe('test-1');
    expect(model.predict(HOUSEHOLD).amount).toBeGreaterThan(0);
  });

  test('refuses a file that was altered by one bit, cut or lost', async () => {
    for (const { path } of good.manifest.files) {
      const bytes = good.files.get(path)!;
      const flipped = new Uint8Array(bytes);
      flipped[bytes.length >> 1] ^= 1;
      const changed = (value: Uint8Array) => ({ ...good, files: new Map(good.files).set(path, value) });
      expect(await faultOf(changed(flipped))).toContain(`${path} of version test-1: its sha256`);
      expect(await faultOf(changed(bytes.subarray(0, -1)))).toContain(path);
      const lost = new Map(good.files);
      lost.delete(path);
      expect(await faultOf({ ...good, files: lost })).toContain(`${path} is missing`);
    }
  });

  test('refuses a manifest that is not the promoted one', async () => {
    expect(await faultOf({ ...good, manifestSha256: '0'.repeat(64) })).toContain(
      'not the one that was promoted',
    );
  });

  test.each([
    ['of another format', (m: Manifest) => Object.assign(m, { format: 'savings-model/3' }), 'format'],
    ['with a key of its own', (m: Manifest) => Object.assign(m, { extra: 1 }), 'extra'],
    ['of another version', (m: Manifest) => Object.assign(m, { version: 'other-1' }), 'version'],
    ['with two incomes', (m: Manifest) => Object.assign(m.features[1], { role: 'income' }), 'income'],
    ['whose income may be 0', (m: Manifest) => Object.assign(m.features[0], { min: 0 }), 'at least 1e-9'],
    ['that encodes what is not there', (m: Manifest) => m.encoding.push({ feature: 'nothing' }), 'encoding'],
    [
      'with a feature named like an Object member',
      (m: Manifest) => Object.assign(m.features[1], { name: 'constructor' }),
      'features.1.name',
    ],
  ])('refuses a manifest %s', async (_, change, fault) => {
    expect(await faultOf(forged('', new Uint8Array(), change as (m: Manifest) => void))).toContain(fault);
  });

  test.each([
    // biome-ignore-start lint/suspicious/noExplicitAny: hostile JSON has no type
    ['a child missing', (f: any) => delete f.baseModel.estimators[2].root.left, 'tree 2, node root'],
    ['a column out of range', (f: any) => (f.baseModel.estimators[0].root.splitColumn = 15), 'splitColumn'],
    ['an index out of range', (f: any) => (f.baseModel.indexes[1][0] = 99), 'tree 1, index 0'],
    ['a NaN that became null', (f: any) => (f.baseModel.estimators[0].root.splitValue = null), 'splitValue'],
    ['fewer trees than it says', (f: any) => f.baseModel.estimators.pop(), 'nEstimators'],
    ['another kind of model', (f: any) => (f.name = 'RFClassifier'), 'name'],
    ['medians', (f: any) => (f.selectionMethod = 'median'), "train it with 'mean'"],
    [
      'absurd depth',
      (f: any) => {
        let node = f.baseModel.estimators[0].root;
        for (let i = 0; i < 600; i++)
          node = { splitColumn: 0, splitValue: 1, left: node, right: { distribution: 0 } };
        f.baseModel.estimators[0].root = node;
      },
      'deeper than',
    ],
    // biome-ignore-end lint/suspicious/noExplicitAny: hostile JSON has no type
  ])('refuses a forest with %s', async (_, change, fault) => {
    expect(await faultOf(forgedForest(change))).toContain(fault);
  });

  test('survives nesting that overflows a parser', async () => {
    const deep = gzipSync('['.repeat(3_000_000));
    expect(await faultOf(forged(FILES.forest, deep))).toContain(FILES.forest);
  });

  test('refuses a gzip bomb before it is unpacked', async () => {
    const bomb = gzipSync(new Uint8Array(200_000_000));
    expect(await faultOf(forged(FILES.forest, bomb))).toContain('unpacks to more than');
  });

  test('refuses a forest that predicts otherwise than its trainer, by as little as one ulp', async () => {
    const artifact = forgedForest((forest) => {
      const nudge = (node: { left?: unknown; right?: unknown; distribution?: number }) => {
        if (node.distribution === undefined)
          for (const child of [node.left, node.right]) nudge(child as typeof node);
        else node.distribution *= 1 + Number.EPSILON;
      };
      nudge(forest.baseModel.estimators[0].root);
    });
    expect(await faultOf(artifact)).toContain('ml-random-forest predicts otherwise than the trainer');
  });

  test('refuses golden rows that are not of this model', async () => {
    const golden = decode(good.files.get(FILES.golden)!);
    golden.rows[3].amount += 1;
    expect(await faultOf(forged(FILES.golden, encode(golden)))).toContain('row 3');
    golden.rows[0].inputs.income = 0;
    expect(await faultOf(forged(FILES.golden, encode(golden)))).toContain(
      'row 0: its inputs are refused: income.',
    );
  });

  test('leaves nothing on a signal that outlives it', async () => {
    const { signal } = new AbortController();
    const listeners = new Set<unknown>();
    const { addEventListener, removeEventListener } = signal;
    Object.assign(signal, {
      addEventListener: (...args: Parameters<typeof addEventListener>) => {
        listeners.add(args[1]);
        addEventListener.apply(signal, args);
      },
      removeEventListener: (...args: Parameters<typeof removeEventListener>) => {
        listeners.delete(args[1]);
        removeEventListener.apply(signal, args);
      },
    });
    await load(good, { signal });
    expect(listeners.size).toBe(0);
  });

  test('gives up when told to', async () => {
    const stop = AbortSignal.abort();
    await expect(load(good, { signal: stop })).rejects.toMatchObject({ code: 'unavailable' });
    await expect(load(good, { timeoutMs: 0 })).rejects.toMatchObject({ code: 'unavailable' });
  });
});
