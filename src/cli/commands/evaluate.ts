import type { Verdict } from '../../dataset/non-inferiority.ts';
import type { Model } from '../../model/model.ts';
import { defineCommand, EXIT, EXIT_VERDICT, UsageError } from '../command.ts';
import { evaluateModel } from '../evaluation.ts';
import { LABELLED, LABELLED_OPTIONS, labelledOptionsOf, labelledTables } from '../labelled-data.ts';
import { readVersionNamed, verifyByLoading, WHICH_VERSION } from '../open-version.ts';
import { JSON_OPTION, writeSummary } from '../output.ts';
import { openRegistry, STORE_OPTION } from '../store-option.ts';
import { formatEvaluation } from './format-evaluation.ts';

const EXIT_OF: Readonly<Record<Verdict, number>> = {
  better: EXIT.done,
  'not worse': EXIT.done,
  worse: EXIT_VERDICT.worse,
  'cannot tell': EXIT_VERDICT.cannotTell,
};

export const evaluateCommand = defineCommand({
  help: `Usage: savings evaluate --data LABELLED --model A [--against B] [--store STORE] [options]

How near A comes to the outcomes in the target's column, with 95 % intervals, in all and by band of income (of the
target, where there is no income), beside B and beside the simple rules that a model must beat: the mean, a linear
regression and the best few rates by income, each fitted on four fifths of these rows for the remaining fifth.

A is better than B when all of the 95 % interval of the difference of their mean absolute errors, row by row, lies below
0, not worse when it lies within the margin, and worse when all of it lies beyond; else it cannot be told, and the
command says how many rows would tell. Fewer than 100 rows never do. Without B the verdict is the worst of those against
the rules, where the mean has no margin. 'savings promote --gate' asks the same.

A and B are each ${WHICH_VERSION}.
The rows should be none that either has learned from.
The exit code is 0 when A is better or not worse, ${EXIT_VERDICT.worse} when it is worse, and ${EXIT_VERDICT.cannotTell} when it cannot be told.
`,
  options: {
    data: {
      type: 'string',
      value: 'LABELLED',
      help: LABELLED,
    },
    model: { type: 'string', value: 'A', help: 'what is evaluated' },
    against: { type: 'string', value: 'B', help: 'what it is compared with' },
    ...LABELLED_OPTIONS,
    ...STORE_OPTION,
    ...JSON_OPTION,
  },
  async run(values, _, io) {
    const { data, model: name, against } = values;
    if (data === undefined) throw new UsageError('Say which rows, with --data.');
    if (name === undefined) throw new UsageError('Say which model, with --model.');
    const options = labelledOptionsOf(values);
    const tables = await labelledTables('--data', data, io);
    const registry = await openRegistry(values.store, io);
    const open = async (which: string) => await verifyByLoading(await readVersionNamed(registry, which));
    const model = await open(name);
    const other = against === undefined ? undefined : await open(against);
    const { evaluation, faults } = await evaluateModel(tables, model, other, options);
    if (faults.count > 0) io.stderr.write(`savings evaluate: ${faults.leftOut}.\n${faults}\n`);
    const json = { model: identity(model), other: other ? identity(other) : null, ...evaluation };
    await writeSummary(io, values.json, json, formatEvaluation(evaluation, model, other));
    return EXIT_OF[evaluation.verdict];
  },
});

const identity = ({ version, sha256 }: Model) => ({ version, manifestSha256: sha256 });
