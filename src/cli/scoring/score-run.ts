import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { dataFormatOf } from '../../dataset/data-format.ts';
import { AppError } from '../../errors.ts';
import { counted } from '../../model/counted.ts';
import type { ScoringPool } from '../../dataset/scoring/scoring-pool.ts';
import type { Model } from '../../model/model.ts';
import type { Location } from '../../store/location.ts';
import { printable } from '../../printable.ts';
import { VERSION } from '../../version.ts';
import { EXIT, FinalError, type Io, UsageError } from '../command.ts';
import { locationOf } from '../location-option.ts';
import { verifyByLoading } from '../open-version.ts';
import { writeSummary } from '../output.ts';
import { ProgressLine } from '../progress-line.ts';
import { checkInputs, listInputs } from './inputs.ts';
import { RunModels } from './run-model.ts';
import { beginRun, checkSameRun, type RunRecord, readDone, readRun, type ShardDone } from './run-record.ts';
import { scoreShard } from './score-shard.ts';
import { type ShardChoice, shardChoice, shardsFor, shardsOf } from './shard-choice.ts';
import { untilSignal } from './until-signal.ts';

export interface RunValues {
  from: string;
  to: string;
  shard?: string | undefined;
  model?: string | undefined;
  version?: string | undefined;
  json?: boolean | undefined;
}

/** What a process is to work on. */
interface Work {
  from: Location;
  to: Location;
  choice: ShardChoice;
  models: RunModels;
  pool: ScoringPool | undefined;
  asJson: boolean | undefined;
  io: Io;
}

/**
 * Scores the rows of one location into another, all shards or one.
 *
 * @returns the exit code
 * @throws FinalError, UsageError for what would fail again; AppError for what may succeed when it is tried again
 */
export async function scoreRun(values: RunValues, pool: ScoringPool | undefined, io: Io): Promise<number> {
  const [from, to] = [locationOf('--from', values.from, io), locationOf('--to', values.to, io)];
  if (dataFormatOf(to.name) !== undefined)
    throw new UsageError(
      "--to must be a folder or prefix, not a file's name; a slash behind it makes it one.",
    );
  const choice = shardChoice(values.shard, io.env);
  try {
    const models = await RunModels.open(values.model, values.version, io);
    await untilSignal((signal) => score({ from, to, choice, models, pool, asJson: values.json, io }, signal));
    return EXIT.done;
  } catch (error) {
    const isPassing = error instanceof AppError && error.code === 'unavailable';
    throw error instanceof AppError && !isPassing ? new FinalError(error.message, { cause: error }) : error;
  }
}

async function score(work: Work, signal: AbortSignal): Promise<void> {
  const { from, to, choice, pool, io } = work;
  const { run, prepare } = await openRun(work);
  const progress = new ProgressLine(io.stderr);
  const onProgress = (shard: number, rows: number) =>
    progress.update(`shard ${shard} of ${run.shards}, rows`, rows, undefined);
  let model: Model | undefined;
  for (const shard of shardsOf(choice, run)) {
    signal.throwIfAborted();
    const before = await readDone(to, shard);
    if (before !== undefined) {
      await tellDone(work, run, before);
      continue;
    }
    model ??= await prepare();
    const began = performance.now();
    try {
      const done = await scoreShard({ run, from, to, model, pool, signal, onProgress }, shard);
      await tellDone(work, run, done, performance.now() - began);
    } finally {
      progress.end();
    }
  }
}

interface OpenedRun {
  run: RunRecord;
  /** The run's model, once its inputs are known to be what they were. */
  prepare(): Promise<Model>;
}

/** The run in the target, which this process begins when nobody else has. @throws AppError */
async function openRun(work: Work): Promise<OpenedRun> {
  const { from, to, choice, models } = work;
  const address = await addressOf(from);
  checkApart(address, await addressOf(to));
  const there = await readRun(to);
  const begun = there === undefined ? await begin(work, address) : undefined;
  const run = there ?? (await beginRun(to, begun!.run));
  checkSameRun(run, { from: address, shards: choice.shards, version: models.namedVersion }, to);
  const prepare = async () => {
    if (run !== begun?.run) tellAdded(work, await checkInputs(run, from, to));
    const isSameModel = run.model.manifestSha256 === begun?.run.model.manifestSha256;
    return isSameModel ? begun!.model : await verifyByLoading(await models.read(run.model));
  };
  return { run, prepare };
}

/** What the run is, unless somebody is faster. */
async function begin(work: Work, address: string): Promise<{ run: RunRecord; model: Model }> {
  const artifact = await work.models.choose();
  const model = await verifyByLoading(artifact);
  const { ignored, ...inputs } = await listInputs(work.from, model);
  tellIgnored(work, ignored);
  const run: RunRecord = {
    format: 'savings-run/1',
    program: VERSION,
    createdAt: new Date().toISOString(),
    model: { version: artifact.manifest.version, manifestSha256: artifact.manifestSha256 },
    from: address,
    shards: work.choice.shards ?? shardsFor(inputs.inputs),
    ...inputs,
  };
  return { run, model };
}

/** What is the same for the same place, however it is written. */
async function addressOf({ name }: Location): Promise<string> {
  if (name.startsWith('s3://')) return name;
  const path = resolve(name);
  return await realpath(path).catch(() => path);
}

/** What is written must not be among what is read. @throws UsageError */
function checkApart(from: string, to: string): void {
  const [inner, outer] = [to, from].map((address) => `${address.replace(/\/+$/, '')}/`);
  if (inner.startsWith(outer))
    throw new UsageError('--to must not be --from, nor inside it: what is written would be read as rows.');
}

const SHOWN = 5;

function tellIgnored({ io }: Work, paths: readonly string[]): void {
  if (paths.length === 0) return;
  const names = [...paths.slice(0, SHOWN), ...(paths.length > SHOWN ? ['...'] : [])].join(', ');
  io.stderr.write(
    `savings predict: ${counted(paths.length, 'file')} ignored, by the extension: ${printable(names)}\n`,
  );
}

function tellAdded({ io }: Work, paths: readonly string[]): void {
  if (paths.length === 0) return;
  io.stderr.write(
    `savings predict: ${counted(paths.length, 'file')} came after the run began and not part of it: ` +
      'score what is new into another location.\n',
  );
}

/** @param ms how long it took; left out when it had been done before */
async function tellDone(
  { io, asJson }: Work,
  { shards, model }: RunRecord,
  { shard, rows, rejects, sha256 }: ShardDone,
  ms?: number,
): Promise<void> {
  const seconds = ms === undefined ? null : Math.round(ms / 100) / 10;
  const when = seconds === null ? 'done before' : `in ${seconds} s`;
  await writeSummary(
    io,
    asJson,
    { shard, shards, rows, rejects, sha256, model: model.version, seconds },
    `Shard ${shard} of ${shards}: ${counted(rows, 'row')} scored, ${rejects} rejected, ${when}\n`,
  );
}
