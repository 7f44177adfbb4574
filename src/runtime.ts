/**
 * The only file that names Bun or Deno: one HTTP server, one kind of worker, the same on both.
 */

/** A server that listens. */
export interface Server {
  address: string;
  port: number;
  /**
   * From now on `fetch` serves. Requests to one of `paths` come with their path, on a runtime that routes by itself: to read
   * a request's address takes time.
   */
  answerWith(fetch: Fetch, paths: readonly string[]): void;
  /** Takes no new connection, lets requests in flight end, and resolves when the last has. */
  drain(): Promise<void>;
  /** Cuts every connection at once. */
  close(): Promise<void>;
}

/** What a runtime that routes has found out about a request. */
export interface Routed {
  path: string;
}

export type Fetch = (request: Request, routed?: Routed) => Response | Promise<Response>;

export interface ServeOptions {
  /** 0: any free port. */
  port: number;
  /** An IP address; `::` is every address of the machine, of IPv4 too. */
  address: string;
  fetch: Fetch;
  /** The largest body of any route: a larger one is refused with 413 before it is read, where the runtime can. */
  maxBodyBytes: number;
}

interface DenoServer {
  addr: { port: number };
  shutdown(): Promise<void>;
  finished: Promise<void>;
}

interface DenoGlobal {
  version: { deno: string };
  serve(
    options: { port: number; hostname: string; signal: AbortSignal; onListen(): void },
    handler: Fetch,
  ): DenoServer;
}

const deno = (globalThis as { Deno?: DenoGlobal }).Deno;

/** Which runtime this is, and its version, for the build's metric. */
export const runtimeName: string = deno ? `deno ${deno.version.deno}` : `bun ${Bun.version}`;

/** Whether a request's body goes on coming while nobody reads its response. (Deno 2.9 reads no more then.) */
export const fullDuplex: boolean = deno === undefined;

/** Starts an HTTP/1.1 server. Throws what the runtime throws, with the system's code, when it cannot listen. */
export function serve(options: ServeOptions): Server {
  if (deno) {
    const abort = new AbortController();
    let fetch = options.fetch;
    const server = deno.serve(
      { port: options.port, hostname: options.address, signal: abort.signal, onListen() {} },
      (request) => fetch(request),
    );
    // To abort a server that has ended throws.
    let ended = false;
    void server.finished.then(() => {
      ended = true;
    });
    return {
      address: options.address,
      port: server.addr.port,
      answerWith: (next) => {
        fetch = next;
      },
      drain: async () => {
        await server.shutdown();
        await server.finished;
      },
      close: async () => {
        if (!ended) abort.abort();
        await server.finished;
      },
    };
  }
  const server = Bun.serve({
    port: options.port,
    hostname: options.address,
    // Left to itself, Bun shares a port with whoever asks for it, and each gets a part of the requests.
    reusePort: false,
    fetch: (request) => options.fetch(request),
    maxRequestBodySize: options.maxBodyBytes,
    // Seconds without a byte in either direction, after which a connection is closed.
    idleTimeout: 30,
    development: false,
  });
  return {
    address: options.address,
    port: server.port ?? 0,
    answerWith: (fetch, paths) => {
      const route = (path: string) => {
        const routed = { path };
        return [path, (request: Request) => fetch(request, routed)];
      };
      server.reload({
        fetch: (request) => fetch(request),
        routes: Object.fromEntries(paths.map(route)),
      });
    },
    drain: () => server.stop(),
    close: () => server.stop(true),
  };
}
