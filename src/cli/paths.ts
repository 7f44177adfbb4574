import { modelDirOf } from '../config.ts';
import { pathFault } from '../local-path.ts';
import { asUsageError, type Io, UsageError } from './command.ts';
import { STDIN } from './input.ts';

/**
 * A path that an option or an argument names.
 *
 * @param name `--out`, or what an argument is called
 * @param accepted such as `a directory`
 * @throws UsageError when it is the address of something else, or blank
 */
export function checkPath(name: string, path: string, accepted: string): string {
  const fault = pathFault(path, accepted);
  if (fault !== undefined) throw new UsageError(`${name} ${fault}.`);
  return path;
}

/** A file to read, or `-`. @throws UsageError */
export function checkDataPath(path: string): string {
  return path === STDIN ? path : checkPath('--data', path, 'a file, or - for standard input');
}

/** The directory that the option names, or else MODEL_DIR. @throws UsageError */
export function directoryOf(option: string, path: string | undefined, io: Io): string {
  if (path !== undefined) return checkPath(option, path, 'a directory');
  try {
    return modelDirOf(io.env);
  } catch (error) {
    throw asUsageError(error);
  }
}
