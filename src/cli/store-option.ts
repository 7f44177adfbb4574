import { readConfig } from '../config.ts';
import { importPublicKeys, type SigningKey } from '../model/signing/ecdsa.ts';
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
 * MODEL_PUBLIC_KEY. Whoever signs and has none gets one that takes versions that their own key verifies, and any channel:
 * one that was not signed so far, or with a key from before, is what they are about to sign.
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
    const given = config.publicKeys === undefined ? undefined : await importPublicKeys(config.publicKeys);
    const own = signingKey && [signingKey.verification];
    return new Registry(openStore(config), { publicKeys: given ?? own, trustsChannels: given === undefined });
  } catch (error) {
    throw asUsageError(error);
  }
}
