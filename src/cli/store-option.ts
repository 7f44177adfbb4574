import { readConfig } from '../config.ts';
import { importPublicKey, type SigningKey } from '../model/signing/ecdsa.ts';
import { openStore } from '../store/open-store.ts';
import { Registry } from '../store/registry.ts';
import { asUsageError, type Io } from './command.ts';
import { checkPath } from './paths.ts';

/** The option of every command that works on a store. */
export const STORE_OPTION = {
  store: {
    type: 'string',
    value: 'STORE',
    help: `a directory, or s3://BUCKET/PREFIX; without it the server's own settings count: MODEL_BUCKET
and MODEL_PREFIX, else MODEL_DIR, else ./models`,
  },
} as const;

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
  let failed = 'Cannot tell where the models are';
  if (store !== undefined) {
    const bucket = /^s3:\/\/([^/]+)\/?(.*)$/.exec(store);
    if (bucket !== null) failed = 'Cannot use --store, which is MODEL_BUCKET and MODEL_PREFIX in one';
    environment.MODEL_BUCKET = bucket?.[1];
    environment.MODEL_PREFIX = bucket?.[2];
    environment.MODEL_DIR = bucket
      ? undefined
      : checkPath('--store', store, 'a directory, or s3://BUCKET/PREFIX');
  }
  try {
    const config = readConfig(environment, failed);
    const given = config.publicKey === undefined ? undefined : await importPublicKey(config.publicKey);
    return new Registry(openStore(config), { publicKey: given ?? signingKey?.verification });
  } catch (error) {
    throw asUsageError(error);
  }
}
