import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diffCommand } from '../../src/cli/commands/diff.ts';
import { importCommand } from '../../src/cli/commands/import.ts';
import { predictCommand } from '../../src/cli/commands/predict.ts';
import { trainCommand } from '../../src/cli/commands/train.ts';
import { sampleCsv } from '../../src/dataset/synthetic/sample-csv.ts';
import { testApp } from '../support/app.ts';
import { batchScript } from '../support/batch-script.ts';
import { run } from '../support/command.ts';
import { testArtifact, testModelDirectory } from '../support/model.ts';

// Two models are loaded, which takes its time on a busy machine.
setDefaultTimeout(60_000);

const UNGROUPED = 'without separators and with a point before decimals, such as 1234.5';
const GROUPED = '21,849.42';

/** Rows of which the third line has a grouped number in a column. */
function csvWithGrouped(column: string): string {
  const [header = '', ...rows] = [...sampleCsv(6, 5)].join('').trimEnd().split('\n');
  const cells = rows[1].split(',');
  cells[header.split(',').indexOf(column)] = `"${GROUPED}"`;
  rows[1] = cells.join(',');
  return `${[header, ...rows].join('\n')}\n`;
}

let directory: string;
let models: string;
let app: Awaited<ReturnType<typeof testApp>>['app'];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'savings-grouped-'));
  models = await testModelDirectory('test-1', 'test-2');
  app = (await testApp()).app;
});
afterAll(async () => {
  await rm(directory, { recursive: true });
  await rm(models, { recursive: true });
});

async function fileOf(csv: string): Promise<string> {
  const path = join(directory, 'data.csv');
  await writeFile(path, csv);
  return path;
}

/** Everything that reads a CSV, with what it tells of it. */
const SURFACES: Record<string, (csv: string) => Promise<string>> = {
  predict: async (csv) => (await run(predictCommand, ['--model', models], { stdin: csv })).stderr,
  'diff --data': async (csv) =>
    (await run(diffCommand, ['test-1', 'test-2', '--data', await fileOf(csv), '--store', models])).stderr,
  'train --data': async (csv) =>
    (await run(trainCommand, ['--data', '-', '--out', directory], { stdin: csv })).stderr,
  'import --data': async (csv) => {
    const manifest = join(directory, 'manifest.json');
    await writeFile(manifest, JSON.stringify((await testArtifact()).manifest));
    const onnx = join(import.meta.dirname, '../fixtures/onnx/savings.onnx');
    const args = [onnx, '--manifest', manifest, '--data', await fileOf(csv), '--out', directory];
    return (await run(importCommand, args)).stderr;
  },
  'POST /batch': async (csv) => {
    const headers = { 'content-type': 'text/csv' };
    return (await app.request('/batch', { method: 'POST', headers, body: csv })).text();
  },
  "the page's slices": async (csv) => {
    const { predictFile } = await batchScript(app);
    let faults: string[] = [];
    await predictFile(new Blob([csv]), {
      limits: { bytes: 1_000_000, rows: 1_000 },
      show: (progress) => {
        faults = progress.faults;
      },
      fetch: (path, init) => app.request(path, init),
    });
    return faults.join('\n');
  },
};

test.each(Object.entries(SURFACES))(
  '%s refuses a quoted 21,849.42 by saying how to write it',
  async (_, tell) => {
    const told = await tell(csvWithGrouped('Rent'));
    expect(told).toContain('line 3: column Rent: please enter a number from 0 to 10000000, ');
    expect(told).toContain(UNGROUPED);
  },
);

test.each(['diff --data', 'train --data', 'import --data'])(
  '%s does so in the column of the outcomes too',
  async (name) => {
    const told = await SURFACES[name](csvWithGrouped('Desired_Savings'));
    expect(told).toContain(`line 3: column Desired_Savings: please enter a number, ${UNGROUPED}.`);
    expect(told).not.toContain(GROUPED);
  },
);
