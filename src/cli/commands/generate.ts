import { sampleCsv } from '../../dataset/synthetic/sample-csv.ts';
import { defineCommand, EXIT } from '../command.ts';
import { wholeOption } from '../option-values.ts';
import { writeResult } from '../output.ts';

export const generateCommand = defineCommand({
  help: `Usage: savings generate [--rows 20000] [--seed 42] > data.csv

The rows are drawn from the documented distribution of a public, synthetic set: they are no people's. The same seed
gives the same rows everywhere.
`,
  options: {
    rows: { type: 'string', value: 'N', help: 'how many rows (20000)' },
    seed: { type: 'string', value: 'N', help: 'decides the rows (42)' },
  },
  async run(values, _, io) {
    const rows = wholeOption('rows', values.rows, 1, 1_000_000_000) ?? 20_000;
    const seed = wholeOption('seed', values.seed, 0, 2 ** 31 - 1) ?? 42;
    await writeResult(io.stdout, sampleCsv(rows, seed));
    return EXIT.done;
  },
});
