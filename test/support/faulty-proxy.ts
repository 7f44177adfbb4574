import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * - `pass`: as if it were not there
 * - `down`: nothing listens
 * - `hang`: connections are taken, requests go nowhere
 * - `slow`: the response comes a byte a second
 * - `truncate`: the response ends before its body does
 * - `corrupt`: bits of every body are flipped
 * - `reset`: connections are reset
 * - `503`: SlowDown, without asking the server
 * - `lose-response`: the server does what is asked, and its response is lost
 */
export type ProxyMode =
  | 'pass'
  | 'down'
  | 'hang'
  | 'slow'
  | 'truncate'
  | 'corrupt'
  | 'reset'
  | '503'
  | 'lose-response';

export interface FaultyProxy {
  endpoint: string;
  /** Takes effect on the next request; connections that are open are closed. */
  setMode(mode: ProxyMode): Promise<void>;
  /** Behaves so for one connection, then passes. */
  once(mode: ProxyMode): Promise<void>;
  stop(): Promise<void>;
}

const SLOW_DOWN = '<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>told to</Message></Error>';

/**
 * A proxy in front of a real S3 server, which can be told to misbehave while clients use it.
 *
 * @param onTraffic called with what clients send, once it has been passed on
 */
export async function startFaultyProxy(
  target: string,
  onTraffic: (data: Uint8Array) => void = () => {},
): Promise<FaultyProxy> {
  const { hostname, port: targetPort } = new URL(target);
  const sockets = new Set<Socket>();
  let mode: ProxyMode = 'pass';
  let afterwards: ProxyMode | undefined;
  let port = 0;

  const track = (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  };
  const accept = (client: Socket) => {
    const current = mode;
    if (afterwards) mode = afterwards;
    afterwards = undefined;
    track(client);
    if (current === 'reset') return client.resetAndDestroy();
    const upstream =
      current === 'hang' || current === '503' ? undefined : connect(Number(targetPort), hostname);
    if (upstream) {
      track(upstream);
      upstream.on('close', () => client.end());
      client.on('close', () => upstream.destroy());
      relayResponse(current, upstream, client);
    }
    client.on('data', (data: Buffer) => {
      upstream?.write(data);
      onTraffic(data);
      if (current === '503') client.end(response503());
    });
  };
  let server: Server | undefined;
  const listen = async () => {
    server = createServer(accept).listen(port, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as { port: number }).port;
  };
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    if (!server) return;
    const closed = once(server, 'close');
    server.close();
    server = undefined;
    await closed;
  };
  const setMode = async (next: ProxyMode) => {
    mode = next;
    afterwards = undefined;
    await close();
    if (next !== 'down') await listen();
  };
  await listen();
  return {
    endpoint: `http://127.0.0.1:${port}`,
    setMode,
    once: async (next) => {
      await setMode(next);
      afterwards = 'pass';
    },
    stop: close,
  };
}

/** Passes the server's response on, as the mode has it. */
function relayResponse(mode: ProxyMode, upstream: Socket, client: Socket): void {
  if (mode === 'slow') {
    const waiting: number[] = [];
    upstream.on('data', (data: Buffer) => waiting.push(...data));
    const timer = setInterval(() => client.write(Uint8Array.from(waiting.splice(0, 1))), 1000);
    client.on('close', () => clearInterval(timer));
    return;
  }
  upstream.on('data', (data: Buffer) => {
    const headOnly = data.subarray(-4).toString('latin1') === '\r\n\r\n';
    if (mode === 'lose-response') client.destroy();
    else if (mode === 'truncate' && !headOnly) client.end(data.subarray(0, -1));
    else if (mode === 'corrupt' && !headOnly) client.write(flipLastBit(data));
    else client.write(data);
  });
}

function flipLastBit(data: Buffer): Buffer {
  const flipped = Buffer.from(data);
  flipped[flipped.length - 1] ^= 1;
  return flipped;
}

function response503(): string {
  return `HTTP/1.1 503 Slow Down\r\nConnection: close\r\nContent-Length: ${SLOW_DOWN.length}\r\n\r\n${SLOW_DOWN}`;
}
