import { readFile } from 'node:fs/promises';
import { AppError, messageOf } from '../errors.ts';
import { importPrivateKey, type SigningKey } from '../model/ecdsa.ts';
import type { Io } from './command.ts';

/** The option of the commands that sign. */
export const KEY_OPTIONS = { key: { type: 'string' } } as const;

export const KEY_HELP = `  --key FILE          a private key in PEM, P-256 or P-384, to sign with (the file that MODEL_PRIVATE_KEY names)`;

/** The key in the file that `--key` or MODEL_PRIVATE_KEY names; undefined when neither is given. */
export async function signingKeyOf(option: string | undefined, io: Io): Promise<SigningKey | undefined> {
  const path = option ?? (io.env.MODEL_PRIVATE_KEY?.trim() || undefined);
  if (path === undefined) return undefined;
  let pem: string;
  try {
    pem = await readFile(path, 'utf8');
  } catch (error) {
    // Not the path: whoever puts the key itself into the setting must not find it in a log.
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'it does not exist' : (code ?? messageOf(error));
    throw new AppError('unavailable', `Could not read the file of the private key: ${reason}`);
  }
  return await importPrivateKey(pem);
}
