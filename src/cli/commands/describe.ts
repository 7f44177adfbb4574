import { profileCsv } from '../../dataset/column-profile.ts';
import { counted } from '../../model/counted.ts';
import { checkNotDetermined } from '../../training/check-not-determined.ts';
import { readDescribed } from '../../training/description/described-data.ts';
import { draftOf, draftText } from '../../training/description/draft.ts';
import { descriptionJsonSchema } from '../../training/description/schema.ts';
import { defineCommand, EXIT, type Io, UsageError } from '../command.ts';
import { dataName, rereadable } from '../input.ts';
import { openDescription } from '../open-description.ts';
import { writeResult } from '../output.ts';
import { checkPath } from '../paths.ts';

export const describeCommand = defineCommand({
  help: `Usage: savings describe DATA > FILE.model.json
       savings describe --check FILE.model.json DATA
       savings describe --schema > model.schema.json

DATA is a file: CSV, CSV.gz or Parquet; or - for a CSV on standard input.

A description says what a model is to be: its inputs, what is predicted, currency and period. The draft has types,
ranges and choices from the data, and roles guessed from English names. What a person must decide stands in its
"decide": 'savings train --description' refuses it until that list is empty.
`,
  options: {
    target: {
      type: 'string',
      value: 'COLUMN',
      help: 'the column that is to be predicted (guessed from its name)',
    },
    check: {
      type: 'string',
      value: 'FILE',
      help: 'say what is wrong with this description, for that data, by key and line; write nothing',
    },
    schema: {
      type: 'boolean',
      help: 'write the JSON Schema of descriptions, by which editors complete them',
    },
  },
  positionals: ['DATA'],
  alone: ['schema'],
  async run({ target, check, schema }, [path], io) {
    if (schema) {
      await writeResult(io.stdout, [`${JSON.stringify(descriptionJsonSchema(), null, 2)}\n`]);
      return EXIT.done;
    }
    checkPath('DATA', path, 'a file, or - for standard input');
    if (check !== undefined) {
      if (target !== undefined) throw new UsageError('Give either --target or --check.');
      return await checkDescription(check, path, io);
    }
    const profile = await profileCsv(rereadable(path, io)());
    const { description, notes } = draftOf(profile, dataName(path), target);
    await writeResult(io.stdout, [draftText(description)]);
    io.stderr.write(notes.map((note) => `${note}\n`).join(''));
    return EXIT.done;
  },
});

async function checkDescription(path: string, data: string, io: Io): Promise<number> {
  const file = await openDescription(path, '--check');
  const { model, examples } = await readDescribed(file, rereadable(data, io));
  checkNotDetermined(file, model.features, examples, examples);
  const ranges = model.features.map(({ name, kind, choices = [], min, max }) =>
    kind === 'choice' ? `  ${name}: one of ${choices.length}` : `  ${name}: ${min} to ${max}`,
  );
  const rows = counted(examples.rows, 'row', examples.rows.toLocaleString('en'));
  await writeResult(io.stdout, [
    `${path} fits ${data}: ${rows}, ${counted(model.features.length, 'input')}; ` +
      `the forest sees ${counted(model.encoding.length, 'column')}\n${ranges.join('\n')}\n`,
  ]);
  return EXIT.done;
}
