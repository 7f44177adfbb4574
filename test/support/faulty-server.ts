import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { REFUSALS, type Refusal, type RefusalName, refusalResponse } from './s3-refusals.ts';

export type Fault =
  | 'hang'
  | 'slow-head'
  | 'stall'
  | 'trickle'
  | 'truncated'
  | 'truncated-once'
  | 'reset'
  | '304'
  | '403'
  | '404'
  | '404-bucket'
  | '400-expired'
  | '500'
  | '503'
  | '503-twice'
  | 'skewed-behind'
  | 'skewed-ahead'
  | 'skewed-untold'
  | 'html'
  | 'garbage'
  | 'wrong-bytes'
  | 'endless';

/** What no good response of S3 lacks. */
const ETAG = { ETag: '"an-etag"' };

/** How the server responds to a request. */
const FAULTS: Record<Fault, (socket: Socket, attempt: number) => unknown> = {
  /** Takes the request and says nothing. */
  hang: () => {},
  /** Answers rightly, after 60 ms. */
  'slow-head': (socket) => after(60, () => ok(socket, 'late but right')),
  /** Half a body, then silence. */
  stall: (socket) => socket.write(head(200, { ...ETAG, 'Content-Length': 1000 }) + 'x'.repeat(500)),
  /** A byte now and then: never idle, and never done in time. */
  trickle: (socket) => {
    socket.write(head(200, { ...ETAG, 'Content-Length': 100_000 }));
    repeat(socket, 20, 'x');
  },
  /** Half a body, then a clean end. */
  truncated: (socket) => socket.end(head(200, { ...ETAG, 'Content-Length': 1000 }) + 'x'.repeat(500)),
  'truncated-once': (socket, attempt) =>
    attempt === 1 ? FAULTS.truncated(socket, attempt) : ok(socket, 'whole at last'),
  /** No response but a TCP reset. */
  reset: (socket) => socket.resetAndDestroy(),
  /** Unchanged, though nobody said since when. */
  '304': (socket) => respond(socket, { status: 304, headers: {}, body: '' }),
  '403': (socket) => refuse(socket, 403, 'AccessDenied'),
  '404': (socket) => refuse(socket, 404, 'NoSuchKey'),
  '404-bucket': (socket) => refuse(socket, 404, 'NoSuchBucket'),
  '400-expired': (socket) => refuse(socket, 400, 'ExpiredToken'),
  '500': (socket) => refuse(socket, 500, 'InternalError'),
  '503': (socket) => refuse(socket, 503, 'SlowDown'),
  '503-twice': (socket, attempt) =>
    attempt <= 2 ? refuse(socket, 503, 'SlowDown') : ok(socket, 'fine at last'),
  'skewed-behind': (socket) => refuseTime(socket, new Date(Date.now() + 20 * 60_000)),
  'skewed-ahead': (socket) => refuseTime(socket, new Date(Date.now() - 3 * 3_600_000)),
  'skewed-untold': (socket) => refuse(socket, 403, 'RequestTimeTooSkewed'),
  /** What a captive portal or a wrong address sends. */
  html: (socket) =>
    respond(socket, { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<p>Please log in</p>' }),
  garbage: (socket) => socket.end('\0\0not http at all\r\n\r\n'),
  /** The right length, and other bytes than any manifest declares. */
  'wrong-bytes': (socket) => ok(socket, '\0'.repeat(5000)),
  /** No length given, and no end. */
  endless: (socket) => {
    socket.write(head(200, { ...ETAG, 'Transfer-Encoding': 'chunked' }));
    repeat(socket, 1, `10000\r\n${'x'.repeat(65536)}\r\n`);
  },
};

export interface FaultyServer {
  endpoint: string;
  /** How many requests named this key. */
  attempts(key: string): number;
  /** How many requests went to this bucket. */
  requests(bucket: string): number;
  stop(): Promise<void>;
}

/** An S3-shaped server that misbehaves as the last part of a key says, or else the bucket (`Fault`, `REFUSALS`). */
export async function startFaultyServer(): Promise<FaultyServer> {
  const attempts = new Map<string, number>();
  const requests = new Map<string, number>();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    let received = '';
    socket.on('data', (data) => {
      received += data.toString('latin1');
      const request = wholeRequest(received);
      if (!request) return;
      received = '';
      const [bucket = '', ...key] = request.path.split('?')[0].split('/').filter(Boolean);
      const attempt = (attempts.get(key.join('/')) ?? 0) + 1;
      attempts.set(key.join('/'), attempt);
      requests.set(bucket, (requests.get(bucket) ?? 0) + 1);
      for (const name of [key.at(-1) ?? '', bucket]) {
        if (Object.hasOwn(FAULTS, name)) return FAULTS[name as Fault](socket, attempt);
        const refusal: Refusal | undefined = REFUSALS[name as RefusalName];
        if (refusal && (refusal.method ?? request.method) === request.method)
          return respond(socket, refusalResponse(refusal));
      }
      refuse(socket, 404, 'NoSuchKey');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    attempts: (key) => attempts.get(key) ?? 0,
    requests: (bucket) => requests.get(bucket) ?? 0,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/**
 * A port on which connections are never accepted: its process is stopped and its short queue is full, so that a SYN is
 * dropped as by a firewall.
 */
export async function startBlackHole(): Promise<{ endpoint: string; stop(): Promise<void> }> {
  const code = `const server = require('node:net').createServer(() => {});
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port));`;
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  const port = Number(String(line));
  child.kill('SIGSTOP');
  const fillers = Array.from({ length: 4 }, () => connect(port, '127.0.0.1').on('error', () => {}));
  await after(100, () => {});
  return {
    endpoint: `http://127.0.0.1:${port}`,
    stop: async () => {
      for (const filler of fillers) filler.destroy();
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** The request that has come in whole, head and body. */
function wholeRequest(received: string): { method: string; path: string } | undefined {
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(received.slice(0, end))?.[1] ?? 0);
  const [method = '', path = ''] = received.split(' ');
  return received.length < end + 4 + length ? undefined : { method, path };
}

function head(status: number, headers: Record<string, string | number>): string {
  const lines = Object.entries({ Connection: 'close', ...headers }).map(([k, v]) => `${k}: ${v}\r\n`);
  return `HTTP/1.1 ${status} Status\r\n${lines.join('')}\r\n`;
}

function ok(socket: Socket, body: string): void {
  socket.end(head(200, { ...ETAG, 'Content-Length': body.length }) + body);
}

function refuse(socket: Socket, status: number, Code: string): void {
  respond(socket, refusalResponse({ status, error: { Code, Message: 'told to' } }));
}

/** As S3 does when the time of a request is not its own, to a minute. */
function refuseTime(socket: Socket, own: Date): void {
  const error = {
    Code: 'RequestTimeTooSkewed',
    ServerTime: own.toISOString(),
    MaxAllowedSkewMilliseconds: '900000',
  };
  respond(socket, refusalResponse({ status: 403, error, headers: { Date: own.toUTCString() } }));
}

function respond(socket: Socket, { status, headers, body }: ReturnType<typeof refusalResponse>): void {
  socket.end(head(status, { ...headers, 'Content-Length': body.length }) + body);
}

function after(ms: number, run: () => void): Promise<void> {
  return new Promise((resolve) => setTimeout(() => resolve(run()), ms));
}

function repeat(socket: Socket, everyMs: number, chunk: string): void {
  const timer = setInterval(() => socket.write(chunk), everyMs);
  socket.on('close', () => clearInterval(timer));
}
