import { readFile } from 'node:fs/promises';
import { importPrivateKey, type SigningKey } from '../model/signing/ecdsa.ts';
import { pathFault } from '../local-path.ts';
import { type Io, UsageError } from './command.ts';
import { readError } from './input.ts';

/** The option of the commands that sign. */
export const KEY_OPTIONS = { key: { type: 'string' } } as const;

export const KEY_HELP = `  --key FILE          a private key in PEM, P-256 or P-384, to sign with (the file that MODEL_PRIVATE_KEY names)`;

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
  let pem: string;
  try {
    pem = await readFile(path, 'utf8');
  } catch (error) {
    // The code alone, without the path: whoever puts the key itself into the setting must not find it in a log.
    const { code } = error as NodeJS.ErrnoException;
    throw readError('the file of the private key', Object.assign(new Error(code), { code }));
  }
  return await importPrivateKey(pem);
}
