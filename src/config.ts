import { tmpdir } from 'node:os';
import { z } from 'zod';
import { AppError } from './errors.ts';
import { EVERY_ADDRESS, isAddress } from './listen-address.ts';
import { pathFault } from './local-path.ts';
import { type ModelSelector, parseModelSelector } from './model/model-selector.ts';
import { DEFAULT_PORT } from './port.ts';
import { isPrintable } from './printable.ts';

/** A whole number held in text, such as an environment variable. */
const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be a whole number from ${min} to ${max}`);

const port = whole(0, 65_535);

const address = z.string().refine(isAddress, 'must be an IP address such as 127.0.0.1 or ::1');

const modelSelector = z.string().transform((text, context) => {
  try {
    return parseModelSelector(text);
  } catch {
    context.addIssue('must be a version, or channel: and the name of a channel');
    return z.NEVER;
  }
});

const directory = z.string().superRefine((value, context) => {
  const fault = pathFault(value, 'a directory');
  if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
});

const modelDir = directory.default('./models');

/** Every setting, by the name of its environment variable. A blank one counts as unset. */
const settings = z
  .object({
    PORT: port.default(DEFAULT_PORT),
    METRICS_PORT: port.default(9464),
    LISTEN_ADDRESS: address.default(EVERY_ADDRESS),
    METRICS_LISTEN_ADDRESS: address.optional(),
    MODEL_DIR: modelDir,
    MODEL_BUCKET: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'must be the name of an S3 bucket, without s3://')
      .optional(),
    MODEL_PREFIX: z
      .string()
      .regex(
        /^[A-Za-z0-9!_.*'()-]+(\/[A-Za-z0-9!_.*'()-]+)*\/?$/,
        'must be a key prefix such as models/savings',
      )
      .refine(
        (value) => !value.split('/').some((part) => part === '.' || part === '..'),
        'must not hold . or .. as a part',
      )
      .transform((value) => value.replace(/\/$/, ''))
      .optional(),
    AWS_REGION: z
      .string()
      .regex(/^[a-z0-9-]{1,40}$/, 'must be a region such as ap-south-1')
      .optional(),
    AWS_ENDPOINT_URL_S3: z
      .url({ protocol: /^https?$/, error: 'must be an http or https address' })
      .optional(),
    MODEL_VERSION: modelSelector.default({ channel: 'prod' }),
    MODEL_CHALLENGER: modelSelector.optional(),
    MODEL_CHALLENGER_MODE: z.enum(['shadow', 'split'], 'must be shadow or split').default('shadow'),
    MODEL_CHALLENGER_PERCENT: whole(0, 100).default(0),
    MODEL_PUBLIC_KEY: z
      .string()
      .regex(/-----BEGIN PUBLIC KEY-----.+-----END PUBLIC KEY-----/s, 'must be public keys in PEM')
      .optional(),
    MODEL_REFRESH_SECONDS: whole(0, 86_400).default(60),
    SHUTDOWN_GRACE_SECONDS: whole(0, 3_600).default(20),
    MAX_BODY_BYTES: whole(1_024, 1_073_741_824).default(1_048_576),
    MAX_UPLOAD_BYTES: whole(1_024, 1_099_511_627_776).default(1_073_741_824),
    MAX_BATCH_ROWS: whole(1, 1_000_000_000).default(1_000_000),
    UPLOAD_WORKERS: whole(0, 64).optional(),
    UPLOAD_SPILL_DIR: directory.default(tmpdir()),
    UPLOAD_SPILL_BYTES: whole(0, 1_099_511_627_776).optional(),
    HELP_LINE: z
      .string()
      .max(400, 'must be at most 400 characters')
      .refine(isPrintable, 'must be printable text, without control or invisible characters')
      .optional(),
    HELP_LINK: z
      .url({ protocol: /^https$/, error: 'must be an https address' })
      .max(400, 'must be at most 400 characters')
      .optional(),
    JOB_COMPLETION_INDEX: whole(0, 99_999).optional(),
    SHARD_COUNT: whole(1, 100_000).optional(),
    LOG_LEVEL: z
      .enum(['debug', 'info', 'warn', 'error'], 'must be debug, info, warn or error')
      .default('info'),
    LOG_FORMAT: z.enum(['json', 'pretty'], 'must be json or pretty').optional(),
  })
  .refine((values) => values.PORT === 0 || values.PORT !== values.METRICS_PORT, {
    path: ['METRICS_PORT'],
    message: 'must not be the same as PORT',
  })
  .refine((values) => values.HELP_LINK === undefined || values.HELP_LINE !== undefined, {
    path: ['HELP_LINK'],
    message: 'needs HELP_LINE, which says what it leads to',
  })
  .refine((values) => values.MODEL_PREFIX === undefined || values.MODEL_BUCKET !== undefined, {
    path: ['MODEL_PREFIX'],
    message: 'needs MODEL_BUCKET',
  })
  .refine(
    ({ JOB_COMPLETION_INDEX: shard, SHARD_COUNT: shards }) =>
      shard === undefined || (shards !== undefined && shard < shards),
    { path: ['JOB_COMPLETION_INDEX'], message: 'must be less than SHARD_COUNT, which it needs' },
  )
  .refine(
    ({ UPLOAD_SPILL_BYTES: most, MAX_UPLOAD_BYTES }) =>
      most === undefined || most === 0 || most >= MAX_UPLOAD_BYTES,
    {
      path: ['UPLOAD_SPILL_BYTES'],
      message: 'must be 0, or at least MAX_UPLOAD_BYTES, so that the largest upload fits',
    },
  );

/** Names of all settings, for documentation and for checks of the deployment's manifests. */
export const SETTING_NAMES = Object.keys(settings.shape);

export interface Config {
  port: number;
  metricsPort: number;
  /** `::` is every address of the machine, of IPv4 too. */
  listenAddress: string;
  metricsListenAddress: string;
  modelDir: string;
  /** Where versions and channels come from; undefined: from `modelDir` itself. */
  bucket:
    | { name: string; prefix: string; region: string | undefined; endpoint: string | undefined }
    | undefined;
  modelSelector: ModelSelector;
  /** Whether `modelSelector` was asked for, or is the default. */
  modelSelectorGiven: boolean;
  /** A second model beside the first; `percent` is its share in mode `split`. */
  challenger: { selector: ModelSelector; mode: 'shadow' | 'split'; percent: number } | undefined;
  /** PEM; when there is one, what is not signed with its private key is refused. */
  publicKeys: string | undefined;
  /** 0: never. */
  refreshMs: number;
  shutdownGraceMs: number;
  /** The bound of every body but a batch's. */
  maxBodyBytes: number;
  maxUploadBytes: number;
  maxBatchRows: number;
  /** Threads that score uploads; 0: the main thread does. undefined: by the processors. */
  uploadWorkers: number | undefined;
  /** Where uploads wait while their clients do not read, and the bound of all of them together; 0: none wait. */
  spill: { directory: string; maxBytes: number };
  /** Where a household that overspends can turn, in the deployment's own words. */
  help: { text: string; link: string | undefined } | undefined;
  /** Which part of a batch run this process is to score, and of how many; without `shard` all of them. */
  shard: number | undefined;
  shards: number | undefined;
  logLevel: 'debug' | 'info' | 'warn' | 'error';
  /** undefined: `pretty` on a terminal, `json` elsewhere. */
  logFormat: 'json' | 'pretty' | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** A setting's text; a blank one counts as unset. */
const settingOf = (environment: Environment, name: string) => environment[name]?.trim() || undefined;

/**
 * MODEL_DIR alone, for what needs no other setting.
 *
 * @throws AppError `invalid`
 */
export function modelDirOf(environment: Environment): string {
  const result = modelDir.safeParse(settingOf(environment, 'MODEL_DIR'));
  if (result.success) return result.data;
  throw new AppError(
    'invalid',
    `Cannot tell where the models are: MODEL_DIR ${result.error.issues[0]?.message}.`,
  );
}

/**
 * Reads the settings.
 *
 * @param failed what cannot be done with bad ones
 * @throws AppError `invalid` with one message that names every bad variable and what it must be
 */
export function readConfig(environment: Environment, failed = 'Cannot start'): Config {
  const given = Object.fromEntries(
    SETTING_NAMES.map((name) => [name, settingOf(environment, name)]),
  ) as Record<string, string | undefined>;
  const result = settings.safeParse(given);
  if (!result.success) {
    const faults = result.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
    throw new AppError('invalid', `${failed}: ${faults.join('; ')}.`);
  }
  const values = result.data;
  return {
    port: values.PORT,
    metricsPort: values.METRICS_PORT,
    listenAddress: values.LISTEN_ADDRESS,
    // Whoever keeps the one to a laptop means the other too.
    metricsListenAddress: values.METRICS_LISTEN_ADDRESS ?? values.LISTEN_ADDRESS,
    modelDir: values.MODEL_DIR,
    bucket:
      values.MODEL_BUCKET === undefined
        ? undefined
        : {
            name: values.MODEL_BUCKET,
            prefix: values.MODEL_PREFIX ?? '',
            region: values.AWS_REGION,
            endpoint: values.AWS_ENDPOINT_URL_S3,
          },
    modelSelector: values.MODEL_VERSION,
    modelSelectorGiven: given.MODEL_VERSION !== undefined,
    challenger:
      values.MODEL_CHALLENGER === undefined
        ? undefined
        : {
            selector: values.MODEL_CHALLENGER,
            mode: values.MODEL_CHALLENGER_MODE,
            percent: values.MODEL_CHALLENGER_PERCENT,
          },
    publicKeys: values.MODEL_PUBLIC_KEY,
    refreshMs: values.MODEL_REFRESH_SECONDS * 1000,
    shutdownGraceMs: values.SHUTDOWN_GRACE_SECONDS * 1000,
    maxBodyBytes: values.MAX_BODY_BYTES,
    maxUploadBytes: values.MAX_UPLOAD_BYTES,
    maxBatchRows: values.MAX_BATCH_ROWS,
    uploadWorkers: values.UPLOAD_WORKERS,
    spill: {
      directory: values.UPLOAD_SPILL_DIR,
      maxBytes: values.UPLOAD_SPILL_BYTES ?? values.MAX_UPLOAD_BYTES,
    },
    help: values.HELP_LINE === undefined ? undefined : { text: values.HELP_LINE, link: values.HELP_LINK },
    shard: values.JOB_COMPLETION_INDEX,
    shards: values.SHARD_COUNT,
    logLevel: values.LOG_LEVEL,
    logFormat: values.LOG_FORMAT,
  };
}
