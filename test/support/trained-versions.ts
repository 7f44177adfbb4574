import { trainCommand } from '../../src/cli/commands/train.ts';
import { sampleCsv } from '../../src/dataset/synthetic/sample-csv.ts';
import { run } from './command.ts';

/** Two versions that learned from the same kind of rows, of which one is plainly nearer to the truth; and one as near. */
export const TRAININGS = {
  good: { rows: 2000, seed: 1, forest: ['--trees', '30'] },
  alike: { rows: 2000, seed: 1, forest: ['--trees', '31'] },
  poor: { rows: 300, seed: 2, forest: ['--trees', '3', '--depth', '4', '--accept-worse'] },
} as const;

/** Trains a version into `out`/versions, as a person would. */
export async function trainVersion(version: keyof typeof TRAININGS, out: string): Promise<void> {
  const { rows, seed, forest } = TRAININGS[version];
  const args = ['--data', '-', ...forest, '--workers', '1', '--out', out, '--version', version];
  const { code, stderr } = await run(trainCommand, args, { stdin: [...sampleCsv(rows, seed)].join('') });
  if (code !== 0) throw new Error(stderr);
}
