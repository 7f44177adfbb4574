import type { ColumnProfile, CsvProfile } from '../../dataset/column-profile.ts';
import { AppError } from '../../errors.ts';
import { counted } from '../../model/counted.ts';
import { UNGROUPED } from '../../model/features.ts';
import { isPrintable } from '../../printable.ts';
import { LEAST_ROWS } from '../disclosure.ts';
import { choicesOf, OTHERS } from './complete.ts';
import { guessPeriod, guessRole, looksLikeTarget } from './guess.ts';
import { rangeOf, roundedUp } from './ranges.ts';
import { type Description, type FeatureDescription, MOST_CHOICES } from './schema.ts';
import { labelOf, nameOf, wordsOf } from './words.ts';

const MOST_FEATURES = 64;
const MOST_LABEL = 80;
/** A column of which this share of the cells with anything in them are numbers is one of numbers; the others are faults. */
const NUMERIC = 0.9;
/** A list to choose from has texts that stand in so many rows each, or more; names of people do not. */
const ROWS_A_TEXT = 4;
/** Of e-mail, or of a page. */
const ADDRESS = /\S@\S|:\/\//;
/** What R, pandas and databases write where nobody knows; none of it is a choice. */
const UNKNOWN = /^(?:n\/?a|#n\/a|nan|null)$/i;
/** Stands where a person has to write something; the program takes it for no currency and for no column. */
const OPEN = '?';

export interface Draft {
  description: Description;
  /** What a person should know who reads it: columns that were left out, and why. Sentences. */
  notes: string[];
}

/**
 * A description of the model that a CSV could make, to be looked over by a person. What no data can tell, and what was
 * guessed from names, is listed in `decide`, and the description is refused until that is empty.
 *
 * @param name of the file, to call the model by
 * @param target its column, when that is known
 * @throws AppError `invalid` when no column could be an input, or the target's is not there
 */
export function draftOf(profile: CsvProfile, name: string, target?: string): Draft {
  const notes: string[] = [];
  if (target !== undefined && !profile.columns.some(({ column }) => column === target))
    throw new AppError('invalid', `Cannot describe the CSV: it has no column ${target}.`);
  const usable = profile.columns.filter((column) => {
    const why = whyLeftOut(column, profile.rows);
    if (why !== undefined) notes.push(`Left out ${named(column.column)}: ${why}.`);
    else notes.push(...whatIsWrong(column, profile.rows), ...whatIsRare(column));
    return why === undefined;
  });
  const predicted =
    target ??
    usable.findLast((column) => isNumeric(column) && looksLikeTarget(wordsOf(column.column)))?.column;
  const inputs = usable.filter(({ column }) => column !== predicted);
  if (inputs.length === 0)
    throw new AppError('invalid', 'Cannot describe the CSV: no column could be an input.');
  for (const { column } of inputs.slice(MOST_FEATURES))
    notes.push(`Left out ${named(column)}: a model has ${MOST_FEATURES} inputs at most.`);
  const taken = new Set<string>();
  const features = inputs.slice(0, MOST_FEATURES).map((column) => featureOf(column, taken));
  keepOneIncome(features);
  const headers = inputs.map(({ column }) => wordsOf(column));
  return {
    description: {
      decide: ['currency', 'period', 'features', 'target', 'data'],
      name: modelNameOf(name),
      currency: OPEN,
      period: guessPeriod(headers) ?? 'month',
      features,
      target: { column: predicted ?? OPEN, label: predicted === undefined ? OPEN : labelOf(predicted) },
      data: { kind: 'survey', source: isPrintable(name) ? name : OPEN, licence: 'not stated' },
    },
    notes,
  };
}

const named = (column: string) => (column === '' ? 'a column without a name' : `column ${column}`);

const isNumeric = ({ cells, numbers }: ColumnProfile) => numbers > 0 && numbers >= NUMERIC * cells;

/** Why a column is no input, or undefined. */
function whyLeftOut(profile: ColumnProfile, rows: number): string | undefined {
  const { column, cells, grouped, texts } = profile;
  if (column === '' || column.length > MOST_LABEL || !isPrintable(column))
    return 'no model can hold its name';
  if (cells === 0) return 'it is blank';
  if (texts?.size === 1) return 'it is the same in every row';
  if (isNumeric(profile)) return isCounter(profile, rows) ? 'it numbers the rows' : undefined;
  if (grouped >= NUMERIC * cells) return `write its numbers ${UNGROUPED}`;
  if (texts === undefined || texts.size > MOST_CHOICES)
    return `it holds more than ${MOST_CHOICES} different texts`;
  if (knownIn(texts).length < 2) return 'it holds one text alone where it says anything';
  if (texts.size > cells / ROWS_A_TEXT) return 'nearly every row has a text of its own';
  if ([...texts.keys()].some((text) => ADDRESS.test(text))) return 'it holds addresses';
  const unfit = [...texts.keys()].some((text) => text.length > MOST_LABEL || !isPrintable(text));
  return unfit ? 'its texts are too long for a list' : undefined;
}

/** Cells of a column that make their rows bad ones. */
function whatIsWrong(profile: ColumnProfile, rows: number): string[] {
  const { column, cells, numbers } = profile;
  const blanks = rows - cells;
  const texts = isNumeric(profile) ? cells - numbers : 0;
  const unknown = isNumeric(profile) ? [] : [...(profile.texts ?? [])].filter(([text]) => UNKNOWN.test(text));
  return [
    ...(blanks > 0 ? [`Column ${column} has ${counted(blanks, 'blank cell')}.`] : []),
    ...unknown.map(
      ([text, times]) =>
        `Column ${column} has ${counted(times, 'cell')} with ${text}, which is taken for no choice.`,
    ),
    ...(texts > 0
      ? [`Column ${column} has ${counted(texts, 'cell')} with something other than a number.`]
      : []),
  ];
}

const knownIn = (texts: ReadonlyMap<string, number>) =>
  [...texts.keys()].filter((text) => !UNKNOWN.test(text));

/** Texts that a draft counts as one. */
function whatIsRare(profile: ColumnProfile): string[] {
  const { column, texts } = profile;
  if (texts === undefined || isNumeric(profile)) return [];
  const rare = knownIn(texts).filter((text) => texts.get(text)! < LEAST_ROWS).length;
  const few = `${counted(rare, 'text')} of fewer than ${LEAST_ROWS} rows`;
  return rare === 0 ? [] : [`Column ${column} has ${few}, which count as ${OTHERS}.`];
}

/** Whole numbers without a gap or a repetition. */
function isCounter({ areWhole, numbers, min, max, texts }: ColumnProfile, rows: number): boolean {
  return areWhole && texts === undefined && numbers === rows && max - min === rows - 1;
}

/** Each text that is known and stands in ten rows or more; those of fewer tell of somebody, and count as one. */
function choicesIn(texts: ReadonlyMap<string, number>): Pick<FeatureDescription, 'choices' | 'others'> {
  const known = knownIn(texts);
  const frequent = known.filter((text) => texts.get(text)! >= LEAST_ROWS);
  return frequent.length === known.length
    ? { choices: choicesOf(known, undefined) }
    : { choices: choicesOf(frequent, OTHERS), others: OTHERS };
}

function featureOf(profile: ColumnProfile, taken: Set<string>): FeatureDescription {
  const { column, texts } = profile;
  const base = { name: nameOf(column, taken), column, label: labelOf(column) };
  if (texts !== undefined && !isNumeric(profile)) return { ...base, kind: 'choice', ...choicesIn(texts) };
  const whole = profile.areWhole;
  const role = profile.min < 0 ? 'other' : guessRole(wordsOf(column));
  const range = rangeOf(profile, { whole, divides: false, isAmount: role !== 'other' });
  return {
    ...base,
    ...(role === 'other' ? {} : { role }),
    // Amounts are seldom whole by nature, though they may be so in the data.
    kind: whole && role === 'other' ? 'integer' : 'number',
    ...range,
    // A range that a person sees and can change holds every row; one that the trainer finds need not.
    min: Math.min(range.min, profile.min < 0 ? -roundedUp(-profile.min) : range.min),
    max: Math.max(range.max, profile.max > 0 ? roundedUp(profile.max) : range.max),
  };
}

/** Of several incomes the first stays one: which of them is the household's only a person can say. */
function keepOneIncome(features: FeatureDescription[]): void {
  const [, ...others] = features.filter(({ role }) => role === 'income');
  for (const feature of others) delete feature.role;
}

/** A file's name as a model's: `My data.csv` as `my-data`. */
function modelNameOf(file: string): string {
  const words = wordsOf(
    file
      .replace(/\.gz$/i, '')
      .replace(/\.[^.]*$/, '')
      .normalize('NFD'),
  )
    .map((word) => word.toLowerCase().replace(/[^a-z0-9]/g, ''))
    .filter(Boolean);
  const name = words.join('-').slice(0, 40);
  return /^[a-z]/.test(name) ? name : 'model';
}

/** A description as text, with a line for each feature. */
export function draftText({ decide, ...rest }: Description): string {
  const lines = Object.entries({ $schema: './model.schema.json', decide, ...rest }).map(([key, value]) => {
    const isList = Array.isArray(value) && typeof value[0] === 'object';
    const text = isList ? `[\n${value.map((item) => `    ${inline(item)}`).join(',\n')}\n  ]` : inline(value);
    return `  ${JSON.stringify(key)}: ${text}`;
  });
  return `{\n${lines.join(',\n')}\n}\n`;
}

/** JSON on one line, with blanks where people put them. */
function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{ ${members.map(([key, member]) => `${JSON.stringify(key)}: ${inline(member)}`).join(', ')} }`;
}
