import { describe, expect, test } from 'bun:test';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { generateRows } from '../../src/dataset/synthetic/households.ts';
import { FILES } from '../../src/model/manifest.ts';
import { protectedQuantile } from '../../src/training/disclosure.ts';
import { trainCsvModel } from '../../src/training/train-csv.ts';
import { testApp } from '../support/app.ts';
import { modelOf } from '../support/trained-model.ts';

describe('protectedQuantile', () => {
  const sorted = (values: number[]) => Float64Array.from(values).sort();

  test('is the mean of ten values around the quantile', () => {
    const values = sorted(Array.from({ length: 1_000 }, (_, i) => i));
    expect(protectedQuantile(values, 0.5)).toBe(499.5);
    expect(protectedQuantile(values, 0)).toBe(9.5);
    expect(protectedQuantile(values, 1)).toBe(989.5);
  });

  test('is a value that ten rows share', () => {
    expect(protectedQuantile(sorted([...new Array(30).fill(0.1), 5, 6]), 0)).toBe(0.1);
  });

  test('hangs on none of the five outermost values', () => {
    const values = fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), {
      minLength: 20,
      maxLength: 60,
    });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(values, share, (given, at) => {
        const plain = sorted(given);
        const extreme = plain.slice();
        for (let i = 0; i < 5; i++) {
          extreme[i] = -1e12;
          extreme[extreme.length - 1 - i] = 1e12;
        }
        const value = protectedQuantile(plain, at);
        expect(value).toBe(protectedQuantile(extreme, at));
        expect(value).toBeWithin(plain[5], plain[plain.length - 6] + Number.MIN_VALUE);
      }),
    );
  });

  test('rises with the share, whatever the number of rows', () => {
    for (let rows = 1; rows <= 40; rows++) {
      const values = sorted(Array.from({ length: rows }, (_, i) => i * i));
      let last = -1;
      for (let share = 0; share <= 1; share += 0.01) {
        const value = protectedQuantile(values, share);
        expect(value).toBeGreaterThanOrEqual(last);
        last = value;
      }
    }
  });
});

describe('a model of people', async () => {
  const households = [...generateRows(1_200, 5)];
  const columns = Object.keys(households[0]).filter(
    (column) => typeof households[0][column as 'Income'] === 'number',
  ) as 'Income'[];
  // Digits that nothing else has, at both ends of every column that is no small whole number.
  const planted: string[] = [];
  for (const [row, end] of [
    [100, 1.000_317],
    [700, 9.000_317],
  ] as const) {
    for (const column of columns.filter((name) => !['Age', 'Dependents'].includes(name))) {
      const value = Number((households[row][column] * end + 0.003_17).toFixed(5));
      households[row][column] = value;
      planted.push(String(value));
    }
  }
  const csv = `${columns.join(',')}\n${households.map((one) => columns.map((column) => one[column]).join(',')).join('\n')}\n`;
  const trained = (kind: 'records' | 'synthetic' | undefined, method: 'exact' | 'histogram' = 'exact') =>
    trainCsvModel({
      csv: () => new Blob([csv]).stream(),
      data: { kind },
      fileName: 'a file',
      forest: { trees: 20, nodeSize: 2, method },
      version: 'v',
      now: new Date(Date.UTC(2026, 0, 1)),
      acceptWorse: true,
    });
  const filesOf = ({ files }: Awaited<ReturnType<typeof trained>>) =>
    [...files]
      .map(([name, bytes]) => (name === FILES.forest ? gunzipSync(bytes) : Buffer.from(bytes)).toString())
      .join('\n');
  const found = (text: string) => planted.filter((value) => text.includes(value));

  test('holds no value of one of them in any file', async () => {
    for (const method of ['exact', 'histogram'] as const) {
      for (const kind of ['records', undefined] as const)
        expect(found(filesOf(await trained(kind, method)))).toEqual([]);
    }
    // Otherwise nothing could have been found.
    expect(found(filesOf(await trained('synthetic')))).not.toEqual([]);
  });

  test('shows none on any page nor in any answer', async () => {
    const model = modelOf(await trained('records'));
    const state = { model, loadedAt: new Date(), stale: undefined, failure: undefined };
    const { app } = await testApp({ live: { model, state } });
    for (const path of [
      '/',
      '/model',
      '/docs',
      '/batch',
      '/openapi.json',
      '/api/v1/model',
      '/v2/models/savings',
    ]) {
      const response = await app.request(path);
      expect(response.status).toBe(200);
      expect(found(await response.text())).toEqual([]);
    }
  });

  test("has golden rows that are nobody's, within what it accepts", async () => {
    const { files, manifest } = await trained('records');
    const { rows } = JSON.parse(Buffer.from(files.get(FILES.golden)!).toString());
    const pairs = new Set(households.map(({ Income, Rent }) => `${Income} ${Rent}`));
    expect(rows.length).toBeGreaterThan(40);
    for (const { inputs } of rows) {
      expect(pairs.has(`${inputs.income} ${inputs.rent}`)).toBe(false);
      for (const { name, min, max } of manifest.features) expect(inputs[name]).toBeWithin(min, max + 1);
    }
  });

  test.each(['exact', 'histogram'] as const)('has leaves of ten rows at least (%s)', async (method) => {
    const counts = [
      ...filesOf(await trained('records', method)).matchAll(/"distribution":[^,]+,"count":(\d+)/g),
    ];
    expect(counts.length).toBeGreaterThan(100);
    expect(Math.min(...counts.map(([, count]) => Number(count)))).toBeGreaterThanOrEqual(10);
  });
});
