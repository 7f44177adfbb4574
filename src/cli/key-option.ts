import { pathFault } from '../local-path.ts';
import { importPrivateKey, type SigningKey } from '../model/signing/ecdsa.ts';
import { type Io, UsageError } from './command.ts';
import { readWhole } from './input.ts';

/** The option of the commands that sign. */
export const KEY_OPTION = {
  key: {
    type: 'string',
    value: 'FILE',
    help: 'a private key in PEM, P-256 or P-384, to sign with (the file that MODEL_PRIVATE_KEY names)',
  },
} as const;

const MAX_KEY_BYTES = 64 << 10;

/**
 * The key in the file that `--key` or MODEL_PRIVATE_KEY names; undefined when neither is given.
 * @throws UsageError when that is no path, AppError when it cannot be read or is no key
 */
export async function signingKeyOf(option: string | undefined, io: Io): Promise<SigningKey | undefined> {
  const path = option ?? (io.env.MODEL_PRIVATE_KEY?.trim() || undefined);
  if (path === undefined) return undefined;
  const fault = pathFault(path, 'a file with a private key');
  if (fault !== undefined)
    throw new UsageError(`${option === undefined ? 'MODEL_PRIVATE_KEY' : '--key'} ${fault}.`);
  // Whoever puts the key itself into the setting must not find it in a log as a path.
  const pem = await readWhole(path, MAX_KEY_BYTES, 'the file of the private key');
  return await importPrivateKey(new TextDecoder().decode(pem));
}
