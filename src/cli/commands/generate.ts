import { parseArgs } from 'node:util';
import { sampleCsv } from '../../dataset/synthetic/sample-csv.ts';
import { type Command, EXIT } from '../command.ts';
import { wholeOption } from '../numbers.ts';
import { writeResult } from '../output.ts';

const HELP = `savings generate: write sample data as CSV

Usage: savings generate [--rows 20000] [--seed 42] > data.csv

The rows are drawn from the documented law of a public, synthetic set: they are no people's. The same seed gives
the same rows everywhere.

  --rows N    how many rows (20000)
  --seed N    decides the rows (42)
`;

export const generateCommand: Command = {
  async run(args, io) {
    const { values } = parseArgs({
      args,
      options: {
        help: { type: 'boolean', short: 'h' },
        rows: { type: 'string' },
        seed: { type: 'string' },
      },
    });
    if (values.help) {
      io.stdout.write(HELP);
      return EXIT.done;
    }
    const rows = wholeOption('rows', values.rows, 1, 1_000_000_000) ?? 20_000;
    const seed = wholeOption('seed', values.seed, 0, 2 ** 31 - 1) ?? 42;
    await writeResult(io.stdout, sampleCsv(rows, seed));
    return EXIT.done;
  },
};
