import { AppError, messageOf } from '../errors.ts';
import { type ServeOptions, type Server, serve } from '../runtime.ts';

/** @throws AppError that names the setting when the port cannot be had */
export function listen(setting: string, options: ServeOptions): Server {
  try {
    return serve(options);
  } catch (cause) {
    throw new AppError(
      'unavailable',
      `Cannot listen on port ${options.port} (${messageOf(cause)}): stop what uses it, or set ${setting} to another.`,
      { cause },
    );
  }
}
