import { afterAll, describe, expect, test } from 'bun:test';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Volumes } from '../../../../tools/cluster/agent/volumes.ts';
import { ApiClient } from '../../../../tools/cluster/api-client.ts';

const folder = mkdtempSync(join(tmpdir(), 'savings-volumes-'));
afterAll(() => rmSync(folder, { recursive: true }));
const nobody = join(folder, 'ca.crt');
writeFileSync(nobody, '');

let pods = 0;
/** A pod's volumes, with one ConfigMap whose keys can be changed. */
function volumesOf(volumes: object[], keys: Record<string, string> | undefined) {
  const at = join(folder, `pod-${++pods}`);
  const content = { keys };
  const found = async () =>
    content.keys && new Map(Object.entries(content.keys).map(([key, value]) => [key, Buffer.from(value)]));
  const made = new Volumes({
    pod: { metadata: { name: 'p', namespace: 'default', labels: { app: 'savings' } }, spec: { volumes } },
    ...{ podAddress: '', hostAddress: '', folder: at, claims: join(folder, 'claims') },
    sources: { configMap: found, secret: found },
    api: new ApiClient('https://127.0.0.1:1', { ca: nobody }),
  });
  return { at, content, made };
}
const read = (...path: string[]) => readFileSync(join(...path), 'utf8');

describe('a ConfigMap', () => {
  test('has a file for each key, and all of them change at once', async () => {
    const { at, content, made } = volumesOf([{ name: 'v', configMap: { name: 'c' } }], { a: '1', b: '2' });
    await made.prepare();
    expect([read(at, 'v/a'), read(at, 'v/b')]).toEqual(['1', '2']);
    const before = readlinkSync(join(at, 'v/..data'));
    await made.prepare();
    expect(readlinkSync(join(at, 'v/..data'))).toBe(before);
    content.keys = { b: '3', c: '4' };
    await made.prepare();
    expect(readdirSync(join(at, 'v')).filter((name) => !name.startsWith('..'))).toEqual(['b', 'c']);
    expect([read(at, 'v/b'), read(at, 'v/c')]).toEqual(['3', '4']);
    // What was there before is not kept.
    expect(readdirSync(join(at, 'v')).filter((name) => name.startsWith('..'))).toHaveLength(2);
  });

  test('can have some of its keys, elsewhere and with their own rights', async () => {
    const items = [{ key: 'a', path: 'deep/er', mode: 0o440 }];
    const { at, made } = volumesOf([{ name: 'v', secret: { secretName: 's', items } }], { a: '1', b: '2' });
    await made.prepare();
    expect(read(at, 'v/deep/er')).toBe('1');
    expect(statSync(join(at, 'v/deep/er')).mode & 0o777).toBe(0o440);
    expect(readdirSync(join(at, 'v'))).not.toContain('b');
  });

  test('that is missing is named; where it may be, nothing is there', async () => {
    const needed = volumesOf([{ name: 'v', configMap: { name: 'c' } }], undefined);
    await expect(needed.made.prepare()).rejects.toThrow(
      'MountVolume.SetUp failed for volume "v" : configmap "c" not found',
    );
    const optional = volumesOf([{ name: 'v', configMap: { name: 'c', optional: true } }], undefined);
    await optional.made.prepare();
    expect(readdirSync(join(optional.at, 'v')).every((name) => name.startsWith('..'))).toBe(true);
    const items = [{ key: 'none', path: 'none' }];
    const key = volumesOf([{ name: 'v', configMap: { name: 'c', items } }], { a: '1' });
    await expect(key.made.prepare()).rejects.toThrow('references non-existent configmap key: none');
  });
});

test('several sources make one volume', async () => {
  const labels = { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] };
  const sources = [{ configMap: { name: 'c' } }, { downwardAPI: labels }];
  const { at, made } = volumesOf([{ name: 'v', projected: { sources } }], { a: '1' });
  await made.prepare();
  expect([read(at, 'v/a'), read(at, 'v/labels')]).toEqual(['1', 'app="savings"']);
});

test("only what is the pod's own can be written to", async () => {
  const names = {
    c: { configMap: { name: 'c' } },
    e: { emptyDir: {} },
    p: { persistentVolumeClaim: { claimName: 'data' } },
  };
  const { at, made } = volumesOf(
    Object.entries(names).map(([name, volume]) => ({ name, ...volume })),
    {},
  );
  await made.prepare();
  const volumeMounts = ['c', 'e', 'p'].map((name) => ({ name, mountPath: `/${name}` }));
  expect(made.mountsOf({ volumeMounts })).toEqual([
    { source: join(at, 'c'), path: '/c', readOnly: true },
    { source: join(at, 'e'), path: '/e', readOnly: false },
    { source: join(folder, 'claims/default/data'), path: '/p', readOnly: false },
  ]);
  made.remove();
  expect(readdirSync(join(folder, 'claims/default'))).toEqual(['data']);
});
