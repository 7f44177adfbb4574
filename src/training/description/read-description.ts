import type { z } from 'zod';
import { AppError } from '../../errors.ts';
import { counted } from '../../model/counted.ts';
import { printable } from '../../printable.ts';
import { faultsOfDescription, type KeyFault } from './faults.ts';
import { jsonLines } from './json-lines.ts';
import { type Description, descriptionSchema } from './schema.ts';

/** A description that holds together, as far as can be told without its data. */
export interface DescriptionFile {
  description: Description;
  /** The error that says what of it is wrong. */
  refusal(faults: readonly KeyFault[]): AppError;
  /** Whether it is the program's own, which leaves nothing to the data. */
  isBuiltIn?: boolean;
}

const SHOWN_FAULTS = 20;
/** Names of keys are the file's own text: a hostile one must not fill a terminal. */
const SHOWN_CHARS = 300;

/**
 * Reads a description file.
 *
 * @param what names it, such as its path
 * @throws AppError `invalid` that names each key that is wrong, with its line
 */
export function readDescription(bytes: Uint8Array, what: string): DescriptionFile {
  const fail = (why: string) => new AppError('invalid', `Cannot use ${what}: ${why}.`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw fail('it is not text in UTF-8');
  }
  const { lines, twice, brokenAt } = jsonLines(text);
  let json: unknown;
  try {
    json = JSON.parse(text);
    if (brokenAt !== undefined) throw new RangeError('nested too deep');
  } catch {
    // The engine's message quotes the text around the place.
    throw fail(`it is no JSON${brokenAt === undefined ? '' : `; see line ${brokenAt}`}`);
  }
  const refusal = (faults: readonly KeyFault[]) => refusalOf(what, faults, lines);
  const { data: description, error } = descriptionSchema.safeParse(json);
  const faults = [
    ...twice.map((path) => ({ path, message: 'stands twice' })),
    ...undecided(json),
    ...(error?.issues ?? []).flatMap((issue) => faultsOfIssue(issue, json)),
    ...(description === undefined ? [] : faultsOfDescription(description)),
  ];
  if (description === undefined || faults.length > 0) throw refusal(faults);
  return { description, refusal };
}

/** @param lines where keys stand, when they do in a file */
export function refusalOf(
  what: string,
  faults: readonly KeyFault[],
  lines?: ReadonlyMap<string, number>,
): AppError {
  const list = listOf(faults, lines);
  return new AppError('invalid', `Cannot use ${what}: it has ${counted(faults.length, 'fault')}.\n${list}`);
}

/** Said first, and also of a file that is not complete: a draft is neither. */
function undecided(json: unknown): KeyFault[] {
  const { decide }: { decide?: unknown } = Object(json);
  if (!Array.isArray(decide) || decide.length === 0) return [];
  return [
    {
      path: ['decide'],
      message: `names what is still to be decided: ${decide.join(', ')}. Look at each of these keys, and take it out of the list`,
    },
  ];
}

function faultsOfIssue(issue: z.core.$ZodIssue, json: unknown): KeyFault[] {
  const path = issue.path as (string | number)[];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: [...path, key], message: 'is no key of a description' }));
  return [{ path, message: clauseOf(issue, valueAt(json, path)) }];
}

function clauseOf(issue: z.core.$ZodIssue, value: unknown): string {
  if (value === undefined) return 'is missing';
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${ARTICLES[issue.expected] ?? 'a'} ${issue.expected}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    default:
      return issue.message;
  }
}

const ARTICLES: Record<string, string> = { object: 'an', array: 'an', int: 'an' };

function valueAt(json: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((value, key) => Object(value)[key], json);
}

function listOf(faults: readonly KeyFault[], lines: ReadonlyMap<string, number> | undefined): string {
  const shown = faults.slice(0, SHOWN_FAULTS).map(({ path, message }) => {
    const key = path.join('.');
    const clause = key === '' ? message : `${key}: ${message}`;
    const place = lines === undefined ? '' : `line ${lineOf(path, lines)}: `;
    return place + printable(clause).slice(0, SHOWN_CHARS);
  });
  const more = faults.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('\n');
}

/** The line of a key, or of what it is missing in. */
function lineOf(path: readonly (string | number)[], lines: ReadonlyMap<string, number>): number {
  for (let end = path.length; end > 0; end--) {
    const line = lines.get(path.slice(0, end).join('.'));
    if (line !== undefined) return line;
  }
  return 1;
}
