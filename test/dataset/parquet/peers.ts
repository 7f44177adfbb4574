import { rmSync } from 'node:fs';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ParquetFile } from '../../../src/dataset/parquet/parquet-file.ts';
import type { RandomAccess } from '../../../src/dataset/parquet/random-access.ts';
import { sampleCsv } from '../../../src/dataset/synthetic/sample-csv.ts';
import { PYTHON, requirePython } from '../../support/python.ts';

export const hasPyarrow = requirePython(
  'pyarrow',
  'pip install pyarrow (writes and reads the Parquet of the tests)',
);

/** The rows that every file of test/fixtures/parquet/write.py holds. */
export const ROWS = 300;
export const CSV = [...sampleCsv(ROWS, 7)].join('');

const FIXTURES = join(import.meta.dir, '../../fixtures/parquet');

/** Such files as pyarrow writes them; they go with the test process. @returns their folder */
export async function writtenByPyarrow(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'savings-parquet-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'rows.csv'), CSV);
  await python('write.py', join(folder, 'rows.csv'), folder);
  return folder;
}

export interface FoundByPyarrow {
  rows: number;
  /** Whether the columns that were there before hold the same. */
  same: boolean;
  sameTypes: boolean;
  added: string[];
  /** Prediction, low and high: [3][rows]. */
  amounts: (number | null)[][];
  createdBy: string;
}

/** What pyarrow reads in FOLDER/NAME.out.parquet, beside FOLDER/NAME.parquet. */
export async function readByPyarrow(
  folder: string,
  names: readonly string[],
): Promise<Record<string, FoundByPyarrow>> {
  return JSON.parse(await python('read.py', folder, ...names));
}

async function python(program: string, ...args: string[]): Promise<string> {
  const child = Bun.spawn([PYTHON, join(FIXTURES, program), ...args], { stdout: 'pipe', stderr: 'pipe' });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code !== 0) throw new Error(`${program} failed: ${stderr}`);
  return stdout;
}

/** Bytes in memory as a source, which counts what is asked of it. */
export function held(bytes: Uint8Array): RandomAccess & { requests: number } {
  return {
    byteLength: bytes.length,
    requests: 0,
    async slice(start, end) {
      this.requests++;
      return bytes.slice(start, end);
    },
  };
}

export const openBytes = (bytes: Uint8Array, name = 'data.parquet') => ParquetFile.open(held(bytes), name);

export const openNamed = async (folder: string, name: string) =>
  openBytes(await readFile(join(folder, `${name}.parquet`)), `${name}.parquet`);
