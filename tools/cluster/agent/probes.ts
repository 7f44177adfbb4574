import { connect } from 'node:net';
import type { Part } from './part.ts';
import { pause } from './pause.ts';

export interface Answer {
  ok: boolean;
  message: string;
}

/** A port by its number or its name in `ports`. @throws for a name that is not there */
export function portOf(port: number | string, container: Part): number {
  if (typeof port === 'number') return port;
  const named = container.ports?.find(({ name }: Part) => name === port);
  if (named === undefined) throw new Error(`the container has no port named ${port}`);
  return named.containerPort;
}

/** Asks as a kubelet does: any answer from 200 to 399 is well, and so is a connection. */
export async function ask(probe: Part, container: Part, address: string): Promise<Answer> {
  const timeoutMs = 1_000 * (probe.timeoutSeconds ?? 1);
  try {
    if (probe.tcpSocket)
      return await connects(
        probe.tcpSocket.host ?? address,
        portOf(probe.tcpSocket.port, container),
        timeoutMs,
      );
    const { statusCode } = await get(probe.httpGet, container, address, timeoutMs);
    const ok = statusCode >= 200 && statusCode < 400;
    return { ok, message: ok ? '' : `HTTP probe failed with statuscode: ${statusCode}` };
  } catch (error) {
    return { ok: false, message: because(error) };
  }
}

function because(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED' || code === 'ConnectionRefused') return 'connect: connection refused';
  if (error.name === 'TimeoutError') return 'context deadline exceeded';
  return error.message;
}

/** Also what `preStop` asks for. @throws when there is no answer */
export async function get(httpGet: Part, container: Part, address: string, timeoutMs: number) {
  const { scheme = 'HTTP', host = address, port, path = '/', httpHeaders = [] } = httpGet;
  const url = `${scheme.toLowerCase()}://${host}:${portOf(port, container)}${path.startsWith('/') ? path : `/${path}`}`;
  const response = await fetch(url, {
    headers: [
      ['user-agent', 'kube-probe/1.35'],
      ['accept', '*/*'],
      ['connection', 'close'],
      ...httpHeaders.map(({ name, value }: Part) => [name, value]),
    ],
    keepalive: false,
    signal: AbortSignal.timeout(timeoutMs),
    // A kubelet does not ask who signed a pod's certificate.
    tls: { rejectUnauthorized: false },
  } as RequestInit);
  await response.arrayBuffer();
  return { statusCode: response.status };
}

function connects(host: string, port: number, timeoutMs: number): Promise<Answer> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (answer: Answer) => {
      socket.destroy();
      clearTimeout(timer);
      resolve(answer);
    };
    const timer = setTimeout(() => end({ ok: false, message: 'i/o timeout' }), timeoutMs);
    socket.once('connect', () => end({ ok: true, message: '' }));
    socket.once('error', (error) => end({ ok: false, message: because(error) }));
  });
}

/** What so many answers in a row say. */
export class ProbeCounter {
  readonly #success: number;
  readonly #failure: number;
  #last: boolean | undefined;
  #inARow = 0;

  constructor({ successThreshold = 1, failureThreshold = 3 }: Part) {
    this.#success = successThreshold;
    this.#failure = failureThreshold;
  }

  /** @returns what is now certain; undefined while it is what it was */
  count(ok: boolean): boolean | undefined {
    this.#inARow = ok === this.#last ? this.#inARow + 1 : 1;
    this.#last = ok;
    return this.#inARow >= (ok ? this.#success : this.#failure) ? ok : undefined;
  }
}

/**
 * Asks every `periodSeconds` until `signal`.
 * @param found is told each time that so many answers in a row say the same
 * @param failed is told of each failure
 */
export async function probe(
  spec: Part,
  asks: () => Promise<Answer>,
  found: (ok: boolean, message: string) => void,
  failed: (message: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const counter = new ProbeCounter(spec);
  await pause(1_000 * (spec.initialDelaySeconds ?? 0), signal);
  while (!signal.aborted) {
    const begun = performance.now();
    const { ok, message } = await asks();
    if (signal.aborted) return;
    if (!ok) failed(message);
    const certain = counter.count(ok);
    if (certain !== undefined) found(certain, message);
    await pause(Math.max(0, 1_000 * (spec.periodSeconds ?? 10) - (performance.now() - begun)), signal);
  }
}
