import { describe, expect, test } from 'bun:test';
import { crossFittedBaselines } from '../../src/training/baselines.ts';
import { testModel } from '../support/model.ts';
import { readLabelled } from '../../src/dataset/read-labelled.ts';
import { readCsv } from '../../src/dataset/csv-reader.ts';
import { sampleCsv } from '../../src/dataset/synthetic/sample-csv.ts';
import { bytesOf } from '../support/bytes.ts';

describe('crossFittedBaselines', () => {
  test('no row is answered by a rule that has seen it', async () => {
    const model = await testModel();
    const csv = [...sampleCsv(300, 4)].join('');
    const table = { name: 'rows', records: () => readCsv(bytesOf(csv)) };
    const [examples] = (await readLabelled([table], [model])).examples;
    const before = crossFittedBaselines(model.manifest, examples!);
    const target = examples!.target.slice();
    target[17]! += 1e6;
    const after = crossFittedBaselines(model.manifest, { ...examples!, target });
    for (const name of ['mean', 'linear', 'brackets'] as const) {
      expect(after[name]![17]).toBe(before[name]![17]!);
      // Four fifths of the others have.
      const moved = after[name]!.filter((answer, row) => answer !== before[name]![row]).length;
      expect(moved).toBeGreaterThan(name === 'brackets' ? 0 : 200);
    }
  });
});
