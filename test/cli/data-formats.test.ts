import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describeCommand } from '../../src/cli/commands/describe.ts';
import { diffCommand } from '../../src/cli/commands/diff.ts';
import { trainCommand } from '../../src/cli/commands/train.ts';
import { FILES } from '../../src/model/manifest.ts';
import { CSV, hasPyarrow, writtenByPyarrow } from '../dataset/parquet/peers.ts';
import { run } from '../support/command.ts';
import { trainVersion } from '../support/trained-versions.ts';

// Real training takes its time on a busy machine.
setDefaultTimeout(60_000);

let work: string;
/** The same rows, by extension. */
const paths = new Map<string, string>();

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'savings-data-formats-'));
  for (const [extension, bytes] of [
    ['csv', CSV],
    ['csv.gz', gzipSync(CSV)],
  ] as const) {
    paths.set(extension, join(work, `rows.${extension}`));
    await writeFile(join(work, `rows.${extension}`), bytes);
  }
  if (hasPyarrow) {
    paths.set('parquet', join(work, 'rows.parquet'));
    await copyFile(join(await writtenByPyarrow(), 'packed-one-group.parquet'), join(work, 'rows.parquet'));
  }
  for (const version of ['good', 'poor'] as const) await trainVersion(version, work);
});
afterAll(() => rm(work, { recursive: true }));

describe.each(['csv.gz', ...(hasPyarrow ? ['parquet'] : [])])(
  'rows in a .%s are those of the CSV',
  (extension) => {
    /** What a command makes of the CSV and of the other. */
    const both = async (made: (path: string, name: string) => Promise<unknown>) => {
      const [expected, found] = [
        await made(paths.get('csv')!, `csv-beside-${extension}`),
        await made(paths.get(extension)!, extension),
      ];
      return { expected, found };
    };

    test('savings train makes the same forest', async () => {
      const { expected, found } = await both(async (path, version) => {
        const how = ['--trees', '6', '--depth', '6', '--version', version, '--out', work];
        const { code, stderr } = await run(trainCommand, ['--data', path, ...how, '--accept-worse']);
        expect([code, stderr]).toEqual([0, expect.anything()]);
        return await readFile(join(work, 'versions', version, FILES.forest));
      });
      expect(found).toEqual(expected);
    });

    test('savings describe drafts the same but for the name', async () => {
      const { expected, found } = await both(async (path) => {
        const { code, stdout } = await run(describeCommand, [path, '--target', 'Desired_Savings']);
        expect(code).toBe(0);
        return stdout.replaceAll(`rows.${extension}`, 'rows.csv');
      });
      expect(found).toEqual(expected);
    });

    test('savings diff finds the same', async () => {
      const { expected, found } = await both(async (path) => {
        const args = ['good', 'poor', '--data', path, '--store', work, '--json'];
        const { code, stdout } = await run(diffCommand, args, { env: {} });
        expect(code).toBe(0);
        return JSON.parse(stdout).data;
      });
      expect(found).toMatchObject({ refused: 0, overall: { rows: 300 } });
      expect(found).toEqual(expected);
    });
  },
);
