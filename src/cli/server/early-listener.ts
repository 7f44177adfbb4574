import { LIVENESS_PATH } from '../../http/probes.ts';
import { plainAddress } from '../../listen-address.ts';
import { plainPort } from '../../port.ts';
import type { Fetch, Server } from '../../runtime.ts';
import { listen } from './listen.ts';

/**
 * The public port, open before the program behind it is loaded, which takes five times as long: `/livez` is answered at
 * once, since the process is up; every other request waits for the app.
 */
export class EarlyListener {
  readonly server: Server;
  readonly #app = Promise.withResolvers<Fetch>();

  /** @throws AppError `unavailable` that names the setting to change, when it cannot listen */
  constructor(address: string, port: number) {
    this.server = listen(
      { port: 'PORT', address: 'LISTEN_ADDRESS' },
      {
        address,
        port,
        fetch: async (request) =>
          isProbe(request) ? Response.json({ status: 'up' }) : (await this.#app.promise)(request),
        // Each route holds its own bound.
        maxBodyBytes: Number.MAX_SAFE_INTEGER,
      },
    );
  }

  /** Hands every request to the app from now on, and those that wait for it too. */
  open(app: Fetch, paths: readonly string[]): void {
    this.server.answerWith(app, paths);
    this.#app.resolve(app);
  }
}

/** Without a Host header the address of a request is no URL, but its path alone. */
const LIVENESS_URL = new RegExp(`^(https?://[^/]*)?${LIVENESS_PATH}([?#]|$)`);

function isProbe({ method, url }: Request): boolean {
  return (method === 'GET' || method === 'HEAD') && LIVENESS_URL.test(url);
}

/** Listens as PORT and LISTEN_ADDRESS say; undefined when it cannot, since whoever reads all settings says why. */
export function openEarly(
  environment: Readonly<Record<string, string | undefined>>,
): EarlyListener | undefined {
  const port = plainPort(environment.PORT);
  const address = plainAddress(environment.LISTEN_ADDRESS);
  if (port === undefined || address === undefined) return undefined;
  try {
    return new EarlyListener(address, port);
  } catch {
    return undefined;
  }
}
