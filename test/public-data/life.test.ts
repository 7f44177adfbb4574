import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from '../../src/model/manifest.ts';
import { requirePython, PYTHON } from '../support/python.ts';
import { csvRows } from '../support/csv-rows.ts';
import { runSavings } from '../support/command.ts';
import { saidBy } from '../support/leaks.ts';
import {
  foreignWords,
  PUBLIC_SETS,
  removePublicModels,
  requirePublicData,
  type TrainedSet,
  trainPublic,
} from '../support/public-data.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';

// Real training and real processes take their time on a busy machine.
setDefaultTimeout(120_000);

/** Bounds of the mean absolute error, in the target's unit, and of R2; and the decimals of a prediction in a CSV. */
const SCORES: Record<string, { mae: number; r2: number; beatsLinear: boolean; decimals: number }> = {
  'budget-uk': { mae: 27, r2: 0.48, beatsLinear: false, decimals: 2 },
  'budget-food': { mae: 300_000, r2: 0.5, beatsLinear: true, decimals: 2 },
  'nox-emissions': { mae: 0.36, r2: 0.74, beatsLinear: true, decimals: 3 },
};
const ASKED = 50;
/** Names of the API that are in the answer of every model. */
const withoutKeys = (text: string) =>
  text.replace(/"(?:income|totalExpenses|amount|currency)":|\bincome\b,|warnings/g, '');
const FIT = join(import.meta.dirname, '../fixtures/onnx/fit-description.py');
const HAS_SKLEARN = requirePython(
  'sklearn, skl2onnx',
  'pip install scikit-learn skl2onnx (a forest from elsewhere, on public data)',
);

describe.skipIf(!requirePublicData()).each(PUBLIC_SETS.map((set) => [set.name, set] as const))(
  'a model of public data: %s',
  (name, set) => {
    let made: TrainedSet;
    let manifest: Manifest;
    let server: ServerProcess;
    /** Rows of the data, by feature, and as a CSV in its own columns. */
    let inputs: Record<string, string | number>[];
    let csv: string;

    beforeAll(async () => {
      made = await trainPublic(set);
      manifest = await Bun.file(join(made.models, 'versions', made.version, 'manifest.json')).json();
      const [header = '', ...lines] = (await readFile(made.data, 'utf8')).split('\n');
      const chosen = Array.from({ length: ASKED }, (_, i) => lines[i * 29]!);
      csv = [header, ...chosen, ''].join('\n');
      inputs = csvRows(csv).map((row) =>
        Object.fromEntries(
          manifest.features.map(({ name, column, kind }) => [
            name,
            kind === 'choice' ? row[column]! : Number(row[column]),
          ]),
        ),
      );
      server = await startServer({ MODEL_DIR: made.models });
      await server.ready();
    });
    afterAll(async () => {
      server?.kill('SIGKILL');
      await server?.exited;
      await removePublicModels();
    });

    const post = async (path: string, body: unknown, type = 'application/json') => {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const response = await fetch(server.url + path, {
        method: 'POST',
        headers: { 'content-type': type },
        body: text,
      });
      expect(response.status).toBe(200);
      return response;
    };
    const amounts = async (): Promise<number[]> => {
      const { predictions } = (await (await post('/api/v1/predict', { inputs })).json()) as {
        predictions: { amount: number }[];
      };
      return predictions.map(({ amount }) => amount);
    };

    test('its description fits, and says which rows do not', async () => {
      const { code, stdout, stderr } = await runSavings(['describe', '--check', made.path, made.data]);
      expect(code).toBe(set.badRows === 0 ? 0 : 1);
      if (set.badRows === 0) expect(stdout).toContain(`${manifest.features.length} inputs; the forest sees`);
      else expect(stderr).toMatch(/it has 1 bad row\.\nline \d+: column sex: please enter one of man, woman/);
    });

    test('is as good as it was, and not worse than simple rules by more than chance', () => {
      const { model, mean, linear } = manifest.metrics;
      const { mae, r2, beatsLinear } = SCORES[name]!;
      expect(model.mae).toBeLessThan(mae);
      expect(model.r2).toBeGreaterThan(r2);
      expect(model.mae).toBeLessThan(0.75 * mean.mae);
      if (beatsLinear) expect(model.mae).toBeLessThan(linear.mae);
      // Of 0.9, less what chance does to 303 rows.
      expect(manifest.interval.measuredCoverage).toBeGreaterThan(0.83);
    });

    test('says what it is on its card, in /model and in `show`', async () => {
      const card = await Bun.file(join(made.models, 'versions', made.version, 'MODEL_CARD.md')).text();
      const facts = await (await fetch(`${server.url}/api/v1/model`)).json();
      expect(facts).toMatchObject({ name: manifest.name, target: manifest.target, data: manifest.data });
      const shown = await runSavings(['show', made.version, '--store', made.models]);
      for (const text of [card, shown.stdout]) {
        expect(text).toContain(manifest.target.unit);
        expect(text).toContain(manifest.data.source);
      }
      const { rows, calibrationRows, holdoutRows } = manifest.trainer;
      const all = (await readFile(made.data, 'utf8')).trimEnd().split('\n').length - 1;
      expect(rows! + calibrationRows + holdoutRows).toBe(all - set.badRows);
    });

    test('the API, V2 and a CSV say the same', async () => {
      const api = await amounts();
      const v2 = await post(`/v2/models/${manifest.name}/infer`, {
        inputs: manifest.features.map(({ name, kind }) => ({
          name,
          datatype: kind === 'choice' ? 'BYTES' : 'FP64',
          shape: [inputs.length, 1],
          data: inputs.map((row) => row[name]),
        })),
        outputs: [{ name: manifest.target.name }],
      });
      const { outputs } = (await v2.json()) as { outputs: { name: string; data: number[] }[] };
      expect(outputs.find(({ name }) => name === manifest.target.name)?.data).toEqual(api);

      const batch = await (await post('/batch', csv, 'text/csv')).text();
      const rows = csvRows(batch);
      const { decimals } = SCORES[name]!;
      expect(rows.map(({ error }) => error)).toEqual(rows.map(() => ''));
      // Rounded to cents in a CSV, or to three digits of how far off they are.
      expect(rows.map(({ prediction }) => prediction)).toEqual(api.map((amount) => amount.toFixed(decimals)));

      const local = await runSavings(['predict', '--model', made.models], { stdin: new Blob([csv]) });
      expect(csvRows(local.stdout)).toEqual(rows.map(({ error: _, ...row }) => row));
    });

    test('no page, answer or file has words of another model', async () => {
      const get = async (path: string) => await (await fetch(server.url + path)).text();
      const texts: Record<string, string> = {
        answer: await (await post('/api/v1/predict', { inputs: inputs[0], contributions: true })).text(),
        batch: await (await post('/batch', csv, 'text/csv')).text(),
        card: await Bun.file(join(made.models, 'versions', made.version, 'MODEL_CARD.md')).text(),
      };
      for (const path of ['/', '/model', '/batch', `/v2/models/${manifest.name}`, '/batch/sample.csv'])
        texts[path] = await get(path);
      // The API of any model speaks of what a manifest may hold.
      const general = { docs: await get('/docs'), 'openapi.json': await get('/openapi.json') };
      for (const [name, text] of Object.entries(texts))
        expect([name, foreignWords(set, withoutKeys(saidBy(text)))]).toEqual([name, []]);
      for (const [name, text] of Object.entries(general))
        expect([name, foreignWords({ ...set, foreign: [] }, saidBy(text))]).toEqual([name, []]);
    });

    test('its inputs are counted for drift, in bins of its own data', async () => {
      await amounts();
      const metrics = await (await fetch(server.metricsUrl)).text();
      for (const { name, trained, kind } of manifest.features) {
        const ofFeature = (metric: string) =>
          [...metrics.matchAll(new RegExp(`^${metric}\\{[^}]*feature="${name}"[^}]*\\} (\\S+)$`, 'gm'))].map(
            ([, value]) => Number(value),
          );
        const shares = ofFeature('savings_feature_reference_ratio');
        expect(shares.length).toBeGreaterThan(1);
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 2);
        const bins = ofFeature('savings_feature_bin_total');
        expect(bins.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(ASKED);
        // Rows of the data itself stand in more bins than one.
        if (kind !== 'choice' && trained.max > trained.min + 1)
          expect(bins.filter((count) => count > 0).length).toBeGreaterThan(1);
      }
    });

    test.skipIf(!HAS_SKLEARN)('a forest of scikit-learn comes in by the same description', async () => {
      const folder = join(made.folder, 'sklearn');
      await mkdir(folder);
      const fit = spawnSync(PYTHON, [FIT, made.path, made.data, folder], { encoding: 'utf8' });
      expect([fit.status, fit.stderr]).toEqual([0, '']);
      const models = join(folder, 'models');
      const { code, stdout, stderr } = await runSavings([
        ...['import', join(folder, 'forest.onnx'), '--description', made.path],
        ...['--data', join(folder, 'unseen.csv'), '--out', models, '--version', 'sklearn'],
      ]);
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toContain('taken in from skl2onnx');

      const expected: number[] = await Bun.file(join(folder, 'expected.json')).json();
      const asked = (await readFile(join(folder, 'unseen.csv'), 'utf8')).split('\n', expected.length + 1);
      const predicted = await runSavings(['predict', '--model', models], {
        stdin: new Blob([`${asked.join('\n')}\n`]),
      });
      for (const [row, { prediction }] of csvRows(predicted.stdout).entries())
        expect(Math.abs(Number(prediction) - expected[row]!)).toBeLessThan(0.01 + 1e-6 * expected[row]!);
      const taken: Manifest = await Bun.file(join(models, 'versions/sklearn/manifest.json')).json();
      expect(taken.trainer.options).toMatchObject({ nEstimators: 30, maxDepth: 10 });
      // Another forest on other halves of the same rows is about as good.
      expect(taken.metrics.model.mae / manifest.metrics.model.mae).toBeWithin(0.8, 1.2);
    });
  },
);
