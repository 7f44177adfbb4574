import { open, readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import type { Container } from './agent/container.ts';

const POLL_MS = 100;
const NEWLINE = 10;

/**
 * Sends what a container wrote, as `kubectl logs` asks for it: tailLines, limitBytes, previous and follow. When it
 * wrote what is not kept, so nothing can be asked by time.
 *
 * @param find the container as it is now; undefined when it is gone
 */
export async function sendLog(
  find: () => Container | undefined,
  query: URLSearchParams,
  response: ServerResponse,
): Promise<void> {
  const unknown = ['sinceSeconds', 'sinceTime', 'timestamps'].filter(
    (name) => query.get(name) && query.get(name) !== 'false',
  );
  const { log, previousLog, pid } = find()!;
  const path = query.get('previous') === 'true' ? previousLog : log;
  if (unknown.length > 0) return void response.writeHead(400).end(`no time is kept of logs: ${unknown}\n`);
  if (path === undefined)
    return void response.writeHead(400).end('previous terminated container not found\n');

  const written = await readFile(path);
  const tail = query.has('tailLines') ? lastLines(written, Number(query.get('tailLines'))) : written;
  let left = query.has('limitBytes') ? Number(query.get('limitBytes')) : Number.POSITIVE_INFINITY;
  const send = (bytes: Uint8Array) => {
    const part = bytes.subarray(0, left);
    left -= part.length;
    if (part.length > 0) response.write(part);
  };
  response.writeHead(200, { 'content-type': 'text/plain' });
  send(tail);
  if (query.get('follow') === 'true') {
    // What is looked at after the container ended is its whole log.
    let ended = false;
    for (let at = written.length; !ended && left > 0 && !response.destroyed; ) {
      ended = find()?.pid !== pid;
      const more = await readFrom(path, at);
      at += more.length;
      send(more);
      if (!ended) await Bun.sleep(POLL_MS);
    }
  }
  response.end();
}

export function lastLines(bytes: Uint8Array, count: number): Uint8Array {
  // The end of the last line is no beginning of another.
  let at = bytes.at(-1) === NEWLINE ? bytes.length - 1 : bytes.length;
  for (let lines = 0; lines < count; lines++) {
    const before = at > 0 ? bytes.lastIndexOf(NEWLINE, at - 1) : -1;
    if (before === -1) return bytes;
    at = before;
  }
  return bytes.subarray(count === 0 ? bytes.length : at + 1);
}

async function readFrom(path: string, at: number): Promise<Uint8Array> {
  await using file = await open(path);
  const { size } = await file.stat();
  const bytes = new Uint8Array(Math.max(0, size - at));
  await file.read(bytes, 0, bytes.length, at);
  return bytes;
}
