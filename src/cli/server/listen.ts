import { AppError, messageOf } from '../../errors.ts';
import { EVERY_ADDRESS, EVERY_IPV4_ADDRESS } from '../../listen-address.ts';
import { type ServeOptions, type Server, serve } from '../../runtime.ts';

/** The names of a listener's settings. */
export interface ListenSettings {
  port: 'PORT' | 'METRICS_PORT';
  address: 'LISTEN_ADDRESS' | 'METRICS_LISTEN_ADDRESS';
}

/**
 * Listens; on every address of IPv4 alone where every address is wanted and the machine has no IPv6.
 *
 * @throws AppError `unavailable` that names the setting to change
 */
export function listen(settings: ListenSettings, options: ServeOptions): Server {
  try {
    return serve(options);
  } catch (cause) {
    if (options.address === EVERY_ADDRESS && hasNoSuchAddress(cause)) {
      return listen(settings, { ...options, address: EVERY_IPV4_ADDRESS });
    }
    throw new AppError('unavailable', refusal(settings, options, cause), { cause });
  }
}

const codeOf = (cause: unknown) => (cause as { code?: string }).code ?? '';

/** The machine, or its kernel, does not know the address or its family. */
const hasNoSuchAddress = (cause: unknown) =>
  ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'].includes(codeOf(cause));

function refusal(settings: ListenSettings, { address, port }: ServeOptions, cause: unknown): string {
  if (hasNoSuchAddress(cause)) {
    return `Cannot listen on ${address}: it is no address of this machine. Set ${settings.address} to one that is.`;
  }
  if (codeOf(cause) === 'EADDRINUSE') {
    return `Cannot listen on port ${port}: it is taken. Stop what uses it, or set ${settings.port} to another.`;
  }
  return `Cannot listen on port ${port}: ${messageOf(cause)}. Set ${settings.port} to another.`;
}
