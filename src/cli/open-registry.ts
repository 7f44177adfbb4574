import { readConfig } from '../config.ts';
import { AppError } from '../errors.ts';
import { importPublicKey, type SigningKey } from '../model/signing/ecdsa.ts';
import { DirectoryStore } from '../store/directory/directory.ts';
import { Registry } from '../store/registry.ts';
import { S3Store } from '../store/s3/s3.ts';
import { type Io, UsageError } from './command.ts';
import { checkPath } from './paths.ts';

/** The options of every command that works on a store. */
export const STORE_OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  json: { type: 'boolean' },
  store: { type: 'string' },
} as const;

export const STORE_HELP = `  --store STORE       a directory, or s3://BUCKET/PREFIX; without it the server's own settings count: MODEL_BUCKET
                      and MODEL_PREFIX, else MODEL_DIR, else ./models
  --json              say what was done as JSON`;

export const EXIT_HELP = 'Exit codes: 0 done, 1 failed or refused (nothing was changed), 2 wrong use.';

const STORE_ACCEPTED = 'a directory, or s3://BUCKET/PREFIX';

const SETTINGS = [
  'MODEL_DIR',
  'MODEL_BUCKET',
  'MODEL_PREFIX',
  'AWS_REGION',
  'AWS_ENDPOINT_URL_S3',
  'MODEL_PUBLIC_KEY',
];

/**
 * The registry that `--store` names, or the one that a server with these settings would use, with the server's
 * MODEL_PUBLIC_KEY. Whoever signs gets one that takes what their own key verifies.
 * @throws UsageError
 */
export async function openRegistry(
  store: string | undefined,
  io: Io,
  signingKey?: SigningKey,
): Promise<Registry> {
  const environment = Object.fromEntries(SETTINGS.map((name) => [name, io.env[name]]));
  if (store !== undefined) {
    const bucket = /^s3:\/\/([^/]+)\/?(.*)$/.exec(store);
    environment.MODEL_BUCKET = bucket?.[1];
    environment.MODEL_PREFIX = bucket?.[2];
    environment.MODEL_DIR = bucket ? undefined : checkPath('--store', store, STORE_ACCEPTED);
  }
  try {
    const config = readConfig(environment, 'Cannot tell where the models are');
    const given = config.publicKey === undefined ? undefined : await importPublicKey(config.publicKey);
    const publicKey = given ?? signingKey?.verification;
    if (config.bucket === undefined) return new Registry(new DirectoryStore(config.modelDir), { publicKey });
    const { name, ...where } = config.bucket;
    return new Registry(new S3Store({ bucket: name, ...where }), { publicKey });
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid') throw new UsageError(error.message);
    throw error;
  }
}

/** The one thing that a command is about. @throws UsageError when it is missing or there is more */
export function onlyArgument(positionals: readonly string[], name: string): string {
  const [argument, ...more] = positionals;
  if (argument === undefined) throw new UsageError(`Say which ${name}.`);
  if (more.length > 0) throw new UsageError(`Say one ${name}, not ${positionals.length}.`);
  return argument;
}
