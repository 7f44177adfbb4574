import { type DescriptionFile, readDescription } from '../training/description/read-description.ts';
import { readWhole } from './input.ts';
import { checkPath } from './paths.ts';

const MAX_BYTES = 1 << 20;

/**
 * The description in a file.
 *
 * @throws UsageError when the path is none; AppError `invalid` that names each key that is wrong, with its line
 */
export async function openDescription(path: string, option = '--description'): Promise<DescriptionFile> {
  checkPath(option, path, 'a file');
  return readDescription(await readWhole(path, MAX_BYTES), path);
}
