import { defineCommand, UsageError } from '../command.ts';
import { GATED } from '../gate.ts';
import { KEY_OPTION } from '../key-option.ts';
import { LABELLED_OPTIONS, labelledOptionsOf } from '../labelled-data.ts';
import { LOCATION } from '../location-option.ts';
import { wholeOption } from '../option-values.ts';
import { JSON_OPTION } from '../output.ts';
import { channelOf } from '../promotion.ts';
import { retrain } from '../retraining.ts';
import { STORE_OPTION } from '../store-option.ts';

const { margin, 'drop-bad-rows': dropBadRows } = LABELLED_OPTIONS;
const MOST_NEWEST = 10_000;

export const retrainCommand = defineCommand({
  help: `Usage: savings retrain --data LOCATION [options]

All rows of a location, ${LOCATION}, are read: CSV, CSV.gz and Parquet with inputs and
outcomes, the same columns in each file. The newest files, which are the last by name, are held out; the others make a
version, which is signed where there is a key, published, and then judged on the newest rows as by
'savings promote --gate': when it is better or not worse than what the channel names, the channel names it.

The same files, description and program make no second version: the one that is there is judged again. With
MODEL_PUBLIC_KEY, or with a channel that is signed, nothing is read or published without the key. It never promotes to
prod, production and what begins with prod- or production-: that is a person's decision.

Each step is a line of the log on standard error. Exit codes beside those below: 3 the version is worse, 4 it cannot be
told; it stays published, and the channel is left as it is. 1 is what may succeed when it is tried again, and 2 what
would fail again.
`,
  options: {
    data: { type: 'string', value: 'LOCATION', help: 'where the rows with outcomes are' },
    newest: {
      type: 'string',
      value: 'FILES',
      help: 'so many files, the last by name, are held out to judge the version by (1)',
    },
    description: {
      type: 'string',
      value: 'FILE',
      help: "what the model is to be, as 'savings describe' drafts it (the savings model)",
    },
    channel: { type: 'string', value: 'NAME', help: 'which channel is to name it (challenger)' },
    margin,
    'drop-bad-rows': dropBadRows,
    workers: {
      type: 'string',
      value: 'N',
      help: 'threads (one a processor); the model is the same with any number',
    },
    ...KEY_OPTION,
    ...STORE_OPTION,
    ...JSON_OPTION,
  },
  async run(values, _, io) {
    const { data } = values;
    if (data === undefined) throw new UsageError('Say where the rows are: --data LOCATION.');
    const channel = channelOf(values.channel ?? 'challenger');
    if (GATED.test(channel))
      throw new UsageError(
        `Cannot retrain for channel ${channel}: people are served by it, so a person promotes to it, with 'savings promote'.`,
      );
    const newest = wholeOption('newest', values.newest, 1, MOST_NEWEST) ?? 1;
    const workers = wholeOption('workers', values.workers, 1, 256);
    const { description, key, store, json } = values;
    const judging = labelledOptionsOf(values);
    return await retrain({ data, channel, newest, judging, description, workers, key, store, json }, io);
  },
});
