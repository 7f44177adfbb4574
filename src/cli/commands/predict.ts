import { parseArgs } from 'node:util';
import { FaultReport } from '../../dataset/fault-report.ts';
import { predictCsv } from '../../dataset/predict-csv.ts';
import { PREDICTION_COLUMNS } from '../../dataset/csv-predictor.ts';
import { type Command, EXIT } from '../command.ts';
import { inputBytes, STDIN } from '../input.ts';
import { openModel } from '../open-model.ts';
import { writeResult } from '../output.ts';
import { directoryOf } from '../paths.ts';
import { ProgressLine } from '../progress-line.ts';

const HELP = `savings predict: score a CSV without a server

Usage: savings predict [--model DIR] [--version VERSION] < data.csv > scored.csv

Each row is passed on as it is, with the columns ${PREDICTION_COLUMNS.join(', ')} after its own. The CSV needs the columns of
the model's inputs, in any order, in UTF-8. Bad rows are left out and listed on standard error; the exit code is then
1. What a spreadsheet would run as a formula gets an apostrophe in front, behind a separator within a cell too.

  --model DIR          a directory of models, or one version's folder (MODEL_DIR, or ./models)
  --version VERSION    a version, or channel:NAME; without it what a server would choose
`;

export const predictCommand: Command = {
  async run(args, io) {
    const { values } = parseArgs({
      args,
      options: {
        help: { type: 'boolean', short: 'h' },
        model: { type: 'string' },
        version: { type: 'string' },
      },
    });
    if (values.help) {
      io.stdout.write(HELP);
      return EXIT.done;
    }
    const model = await openModel(directoryOf('--model', values.model, io), values.version);
    const faults = new FaultReport();
    const progress = new ProgressLine(io.stderr);
    let scored = 0;
    const lines = predictCsv(inputBytes(STDIN, io), model, {
      onFault: (fault) => faults.add(fault),
      onPredicted: ({ length }) => {
        scored += length;
        progress.update('rows scored', scored, undefined);
      },
    });
    try {
      // Whoever stops reading early has what they wanted.
      if (!(await writeResult(io.stdout, lines))) return EXIT.done;
    } finally {
      progress.end();
    }
    if (faults.count === 0) return EXIT.done;
    io.stderr.write(`savings predict: ${faults.leftOut}, ${scored} scored.\n${faults}\n`);
    return EXIT.failed;
  },
};
