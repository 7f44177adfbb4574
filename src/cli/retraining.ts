import { readConfig } from '../config.ts';
import type { FaultReport } from '../dataset/fault-report.ts';
import { readCsv } from '../dataset/csv-reader.ts';
import { AppError, isAppError } from '../errors.ts';
import { createLog, type Log } from '../log.ts';
import { FILES } from '../model/manifest.ts';
import type { Model } from '../model/model.ts';
import { sha256 } from '../model/sha256.ts';
import type { SigningKey } from '../model/signing/ecdsa.ts';
import { signFiles } from '../model/signing/model-signature.ts';
import { promote } from '../store/promotion.ts';
import type { Registry } from '../store/registry.ts';
import type { DescriptionFile } from '../training/description/read-description.ts';
import { trainCsvModel } from '../training/train-csv.ts';
import { VERSION } from '../version.ts';
import { checkAccepted } from './accept-worse.ts';
import { asUsageError, EXIT, EXIT_VERDICT, type Io, UsageError } from './command.ts';
import type { Evaluation, EvaluationOptions } from './evaluation.ts';
import { GateRefusal, gatingOf } from './gate.ts';
import { signingKeyOf } from './key-option.ts';
import { locationOf } from './location-option.ts';
import { openDescription } from './open-description.ts';
import { verifyByLoading } from './open-version.ts';
import { writeSummary } from './output.ts';
import { describePromotion, verifierOf } from './promotion.ts';
import { publish } from './publication.ts';
import { type RowFile, rowFiles } from './row-files.ts';
import { untilSignal } from './scoring/until-signal.ts';
import { openRegistry } from './store-option.ts';
import { joinedRows } from './training-rows.ts';
import { trainingWorkers } from './training-workers.ts';

export interface RetrainValues {
  data: string;
  channel: string;
  /** So many files are held out. */
  newest: number;
  description?: string | undefined;
  judging: EvaluationOptions;
  workers?: number | undefined;
  key?: string | undefined;
  store?: string | undefined;
  json?: boolean | undefined;
}

/** What each step needs. */
interface Work {
  values: RetrainValues;
  registry: Registry;
  key: SigningKey | undefined;
  description: DescriptionFile | undefined;
  log: Log;
  io: Io;
  signal: AbortSignal;
}

/**
 * Rows to a version that a channel names, in one go. Failures that were foreseen are logged.
 *
 * @returns the exit code
 * @throws UsageError before anything is read
 */
export async function retrain(values: RetrainValues, io: Io): Promise<number> {
  const log = logOf(io);
  try {
    const key = await keyOf(values.key, io);
    const registry = await openRegistry(values.store, io, key);
    const description =
      values.description === undefined ? undefined : await openDescription(values.description);
    return await untilSignal((signal) => run({ values, registry, key, description, log, io, signal }));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log.error(error.message, { code: error.code });
    if (error instanceof GateRefusal)
      return error.verdict === 'worse' ? EXIT_VERDICT.worse : EXIT_VERDICT.cannotTell;
    // Somebody else's change to the channel, or to a file while it was read, is as passing as a network's fault.
    return error.code === 'unavailable' || error.code === 'conflict' ? EXIT.failed : EXIT.wrongUse;
  }
}

/** A deployment names the file of a Secret that need not be there: `checkKey` says whether it has to be. */
async function keyOf(option: string | undefined, io: Io): Promise<SigningKey | undefined> {
  return await signingKeyOf(option, io).catch((error) => {
    if (option === undefined && isAppError(error, 'not_found')) return undefined;
    throw error;
  });
}

function logOf({ env, stderr }: Io): Log {
  try {
    const { LOG_LEVEL, LOG_FORMAT } = env;
    const { logLevel, logFormat } = readConfig({ LOG_LEVEL, LOG_FORMAT }, 'Cannot retrain');
    const format = logFormat ?? (stderr.isTTY ? 'pretty' : 'json');
    return createLog(logLevel, format, (line) => stderr.write(line));
  } catch (error) {
    throw asUsageError(error);
  }
}

async function run(work: Work): Promise<number> {
  const { values, registry, log, io } = work;
  await checkKey(work);
  const location = locationOf('--data', values.data, io);
  const files = await rowFiles(location);
  if (files.length <= values.newest)
    throw new AppError(
      'invalid',
      `Cannot retrain on ${location.name}: of its ${files.length} files the last ${values.newest} by name are held out, and none ` +
        'is left to learn from. Add rows in files of their own, or hold out fewer with --newest.',
    );
  const [older, newest] = [files.slice(0, -values.newest), files.slice(-values.newest)];
  log.info('rows were found', {
    location: location.name,
    files: older.length,
    first: older[0]?.name,
    last: older.at(-1)?.name,
    heldOut: newest.length,
    heldOutFrom: newest[0]?.name,
  });
  const identity = identityOf(older, work);
  const there = (await registry.listVersions()).find((name) => name.endsWith(`-${identity}`));
  if (there !== undefined) log.info('these rows have made a version already', { version: there });
  const version = there ?? (await makeVersion(older, identity, work));
  const { evaluation, promoted } = await judgeAndPromote(version, older, newest, work);
  const { json, text } = describePromotion(registry, values.channel, promoted);
  log.info(promoted.changed ? 'the channel names the version' : 'the channel names the version already', {
    channel: values.channel,
    version,
    sequence: promoted.channel.sequence,
    verdict: evaluation?.verdict,
    heldOutRows: evaluation?.rows,
  });
  const summary = { ...json, trained: there === undefined, evaluation: evaluation ?? null };
  await writeSummary(io, values.json, summary, text);
  return EXIT.done;
}

/** That what is made will be taken by its servers, before it is made. @throws UsageError */
async function checkKey({ registry, key, values: { channel } }: Work): Promise<void> {
  if (registry.publicKeys?.every(({ id }) => id !== key?.verification.id))
    throw new UsageError(
      'Cannot retrain: servers ask for signatures (MODEL_PUBLIC_KEY), and ' +
        `${key ? 'the key is none of those' : 'there is no key'}. Name the file of its private key with --key or MODEL_PRIVATE_KEY.`,
    );
  const read = await registry.readChannel(channel).catch((error) => {
    if (isAppError(error, 'not_found')) return undefined;
    throw error;
  });
  if (read?.signed && key === undefined)
    throw new UsageError(
      `Cannot retrain: channel ${channel} is signed, and there is no key. Name its file with --key or MODEL_PRIVATE_KEY.`,
    );
}

/** A hash of everything that a version follows from: the files as they are, the description and the program. */
function identityOf(files: readonly RowFile[], { values, description, io }: Work): string {
  const content = [
    files.map(({ name, etag }) => [name, etag]),
    description?.description ?? null,
    values.judging.dropBadRows ?? false,
    [VERSION, io.env.GIT_SHA ?? ''],
  ];
  return sha256(Buffer.from(JSON.stringify(content))).slice(0, 12);
}

/** Trains, signs and publishes. @returns the version's name */
async function makeVersion(rows: readonly RowFile[], identity: string, work: Work): Promise<string> {
  const { values, description, registry, key, log, io, signal } = work;
  const now = new Date();
  // To the second: what an attempt that was killed has left is never in the way of the next.
  const time = now.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
  const version = `rows-${time}-${identity}`;
  const onBadRows = (faults: FaultReport) => log.warn(faults.leftOut, { which: faults.toString() });
  const began = performance.now();
  const artifact = await trainCsvModel({
    ...joinedRows(rows),
    description,
    onBadRows: values.judging.dropBadRows ? onBadRows : undefined,
    workers: trainingWorkers(values.workers),
    version,
    now,
    gitSha: /^[0-9a-f]{7,64}$/.test(io.env.GIT_SHA ?? '') ? io.env.GIT_SHA : undefined,
    signal,
  });
  const { metrics, trainer } = artifact.manifest;
  log.info('a model was trained', {
    version,
    rows: trainer.rows,
    seconds: Math.round((performance.now() - began) / 100) / 10,
    mae: metrics.model.mae,
    linearMae: metrics.linear.mae,
  });
  await verifyByLoading(artifact);
  const files = new Map(artifact.files);
  if (key) files.set(FILES.signature, await signFiles(artifact.files, version, key));
  signal.throwIfAborted();
  await publish(registry, files);
  log.info('the version was published', { version, store: registry.store.name, signed: key !== undefined });
  return version;
}

/** @throws GateRefusal when it is not good enough */
async function judgeAndPromote(
  version: string,
  older: readonly RowFile[],
  newest: readonly RowFile[],
  { values, registry, key, log }: Work,
) {
  const { channel } = values;
  let candidate: Model | undefined;
  let evaluation: Evaluation | undefined;
  const verify = verifierOf(registry, (model) => {
    checkAccepted(`promote version ${version}`, model.manifest, false);
    candidate = model;
  });
  const gate = gatingOf({
    registry,
    gate: {
      tables: newest.map(({ name, csv }) => ({ name, records: () => readCsv(csv()) })),
      options: values.judging,
    },
    channel,
    candidate: () => candidate!,
    onPassed: (passed) => {
      evaluation = passed.evaluation;
      log.info(passed.text, { verdict: evaluation.verdict });
      if (passed.faults.count > 0)
        log.warn(`${passed.faults.leftOut}, which were held out`, { which: String(passed.faults) });
    },
  });
  const reason = `retrained on ${older.length} files up to ${older.at(-1)?.name}`.slice(0, 300);
  const promoted = await promote(registry, version, { channel, reason, now: new Date(), verify, gate, key });
  return { promoted, evaluation };
}
