import { createHash } from 'node:crypto';
import { FILES, type Manifest, manifestSchema } from '../../src/model/manifest.ts';

/**
 * The files of a small artifact with a valid manifest, for tests of what stores and moves artifacts. Its forest holds
 * arbitrary bytes, which differ by version: only the model's loader looks inside.
 */
export function artifactFiles(version: string, changes: Partial<Manifest> = {}): Map<string, Uint8Array> {
  const encode = (text: string) => new TextEncoder().encode(text);
  const files = new Map<string, Uint8Array>([
    [
      FILES.forest,
      Uint8Array.from({ length: 5000 }, (_, i) => (i * 31 + version.length * 7 + (i >> 3)) % 256),
    ],
    [FILES.reference, encode('{}')],
    [FILES.golden, encode('[]')],
    [FILES.card, encode(`# Version ${version}\n`)],
  ]);
  const scores = { mae: 1, rmse: 1, r2: 0 };
  const manifest = manifestSchema.parse({
    format: 'savings-model/1',
    name: 'household-savings',
    version,
    createdAt: '2026-01-01T00:00:00Z',
    reviewBy: '2027-01-01T00:00:00Z',
    features: [
      {
        name: 'income',
        column: 'Income',
        label: 'Income',
        role: 'income',
        kind: 'number',
        group: 'You',
        min: 1,
        max: 1e9,
        step: 1,
        default: 40000,
        help: '',
        trained: { min: 1000, max: 1e6 },
      },
    ],
    derived: [],
    encoding: [{ feature: 'income' }],
    target: {
      name: 'savings',
      column: 'Savings',
      label: 'Savings',
      unit: 'rupees',
      currency: 'INR',
      period: 'month',
      transform: 'identity',
    },
    trainer: {
      library: 'ml-random-forest',
      libraryVersion: '2.1.0',
      options: {},
      seed: 1,
      rows: 1,
      calibrationRows: 0,
      holdoutRows: 0,
    },
    data: { source: 'test', sha256: '0'.repeat(64), licence: 'CC0' },
    metrics: { model: scores, mean: scores, linear: scores },
    importances: [],
    interval: {
      method: 'split-conformal',
      coverage: 0.9,
      measuredCoverage: 0.9,
      bands: [{ below: null, quantile: 0.1, measuredCoverage: 0.9, rows: 1 }],
    },
    files: [...files].map(([path, bytes]) => ({
      path,
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    })),
    ...changes,
  });
  files.set(FILES.manifest, encode(`${JSON.stringify(manifest, null, 2)}\n`));
  return files;
}
