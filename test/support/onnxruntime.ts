import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runShell } from './command.ts';
import { PYTHON, requirePython } from './python.ts';

export const hasOnnxruntime = () =>
  requirePython('onnx, onnxruntime', 'pip install onnx onnxruntime (predicts with exported models)');

/** A row's answers by the names of the graph's outputs; null where a number is NaN. */
export type Answers = Record<string, (number | null)[]>;

/**
 * What onnxruntime answers for these rows.
 *
 * @param rows a list of values for each input
 * @param singles so many of the first rows are asked one by one too
 */
export async function scoreOnnx(
  graph: Uint8Array,
  rows: Readonly<Record<string, readonly (number | string)[]>>,
  singles: number,
): Promise<{ batch: Answers; single: Answers }> {
  const folder = await mkdtemp(join(tmpdir(), 'savings-onnx-'));
  try {
    const path = join(folder, 'model.onnx');
    await writeFile(path, graph);
    const written = (_: string, value: unknown) =>
      typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
    const asked = join(folder, 'asked.json');
    await writeFile(asked, JSON.stringify({ path, rows, singles }, written));
    const script = join(import.meta.dirname, 'score-onnx.py');
    const { code, stdout, stderr } = await runShell(`'${PYTHON}' '${script}' < '${asked}'`);
    if (code !== 0) throw new Error(stderr);
    return JSON.parse(stdout);
  } finally {
    await rm(folder, { recursive: true });
  }
}
