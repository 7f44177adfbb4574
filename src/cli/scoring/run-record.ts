import { z } from 'zod';
import { AppError, isAppError } from '../../errors.ts';
import { versionName } from '../../model/manifest.ts';
import type { Location } from '../../store/location.ts';
import { VERSION } from '../../version.ts';

export const RUN_FILE = '_run.json';
/** More than the names of part files have digits for. */
export const MAX_SHARDS = 100_000;
/** A few hundred thousand inputs. */
const MAX_RECORD_BYTES = 268_435_456;
const READ_MS = 120_000;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().nonnegative();

const runSchema = z.strictObject({
  format: z.literal('savings-run/1'),
  /** The version of this program: another may write the same rows as other bytes. */
  program: z.string(),
  createdAt: z.iso.datetime(),
  model: z.strictObject({ version: versionName, manifestSha256: sha256 }),
  from: z.string(),
  output: z.enum(['csv', 'parquet']),
  /** The first line of every part that is a CSV; empty where they are Parquet. */
  header: z.string(),
  shards: z.int().min(1).max(MAX_SHARDS),
  inputs: z.array(z.strictObject({ path: z.string(), size: count, etag: z.string() })).min(1),
});

/** What a run holds to from its beginning to its end, whoever works on it. */
export type RunRecord = z.infer<typeof runSchema>;

const doneSchema = z.strictObject({
  shard: count,
  /** Rows with a prediction. */
  rows: count,
  rejects: count,
  /** The part's. */
  bytes: count,
  sha256,
});

/** What a finished shard came to. The same for whoever finishes it. */
export type ShardDone = z.infer<typeof doneSchema>;

export interface PartNames {
  part: string;
  rejects: string;
  done: string;
}

export function partNames(shard: number, output: RunRecord['output']): PartNames {
  const name = `part-${String(shard).padStart(5, '0')}`;
  return { part: `${name}.${output}`, rejects: `${name}.rejects.csv`, done: `${name}.done.json` };
}

/** @returns undefined when no run has begun there @throws AppError `corrupt`, `unavailable` */
export async function readRun(to: Location): Promise<RunRecord | undefined> {
  return await readJson(to, RUN_FILE, runSchema);
}

/**
 * Fixes what the run is, unless somebody has done so first.
 * @returns what the run is
 */
export async function beginRun(to: Location, run: RunRecord): Promise<RunRecord> {
  if (await putJsonOnce(to, RUN_FILE, run)) return run;
  const first = await readRun(to);
  if (first !== undefined) return first;
  throw new AppError('conflict', `Cannot begin a run in ${to.name}: its ${RUN_FILE} came and went.`);
}

/** @returns undefined while the shard is not finished */
export async function readDone(to: Location, shard: number): Promise<ShardDone | undefined> {
  return await readJson(to, partNames(shard, 'csv').done, doneSchema);
}

/**
 * Says that a shard is finished: from then on it is, and nobody begins it again.
 * @throws AppError `corrupt` when somebody else has finished it with other bytes
 */
export async function writeDone(to: Location, done: ShardDone): Promise<void> {
  if (await putJsonOnce(to, partNames(done.shard, 'csv').done, done)) return;
  const other = await readDone(to, done.shard);
  if (other?.sha256 === done.sha256 && other.rejects === done.rejects) return;
  throw new AppError(
    'corrupt',
    `Cannot finish shard ${done.shard} in ${to.name}: somebody else has finished it, with other bytes from the same ` +
      'inputs. Score them anew into another location, and tell those who maintain this program.',
  );
}

async function putJsonOnce(to: Location, key: string, value: object): Promise<boolean> {
  try {
    await to.store.putIfAbsent(key, new TextEncoder().encode(`${JSON.stringify(value, null, 1)}\n`));
    return true;
  } catch (error) {
    if (isAppError(error, 'conflict')) return false;
    throw error;
  }
}

async function readJson<T>(to: Location, key: string, schema: z.ZodType<T>): Promise<T | undefined> {
  let bytes: Uint8Array;
  try {
    ({ bytes } = await to.store.get(key, { maxBytes: MAX_RECORD_BYTES, timeoutMs: READ_MS }));
  } catch (error) {
    if (isAppError(error, 'not_found')) return undefined;
    throw error;
  }
  const parsed = schema.safeParse(jsonOf(bytes));
  if (parsed.success) return parsed.data;
  throw new AppError(
    'corrupt',
    `Cannot use ${key} in ${to.name}: it is not what this program writes. Score into another location.`,
  );
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** What somebody asks of a run, who may have come later than it. */
export interface Asked {
  from: string;
  /** Where they say how many. */
  shards: number | undefined;
  /** The version of the model, where they name one itself. */
  version: string | undefined;
}

/** @throws AppError `conflict` that says what is otherwise, and what to do */
export function checkSameRun(run: RunRecord, asked: Asked, to: Location): void {
  const differs = (what: string, advice: string) =>
    new AppError('conflict', `Cannot go on with the run in ${to.name}: ${what}. ${advice}`);
  const elsewhere = 'or score into another location.';
  if (run.from !== asked.from) throw differs(`it is of ${run.from}`, `Give that as --from, ${elsewhere}`);
  if (run.program !== VERSION)
    throw differs(
      `it was begun by version ${run.program} of this program, and this is ${VERSION}`,
      `Use that version, ${elsewhere}`,
    );
  if (asked.shards !== undefined && run.shards !== asked.shards)
    throw differs(
      `it has ${run.shards} shards, and ${asked.shards} are asked for`,
      `Ask for ${run.shards}, ${elsewhere}`,
    );
  if (asked.version !== undefined && run.model.version !== asked.version)
    throw differs(
      `its model is ${run.model.version}, and ${asked.version} is asked for`,
      `Leave the version out, ${elsewhere}`,
    );
}
