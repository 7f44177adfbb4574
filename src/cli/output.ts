import { AppError, messageOf } from '../errors.ts';
import type { Io } from './command.ts';

export const JSON_OPTION = { json: { type: 'boolean', help: 'write the result as JSON' } } as const;

/** A command's whole result: as a line of JSON for a program, or as text for a person. */
export async function writeSummary(
  io: Io,
  asJson: boolean | undefined,
  json: object,
  text: string,
): Promise<void> {
  await writeResult(io.stdout, [asJson ? `${JSON.stringify(json)}\n` : text]);
}

/**
 * Writes a command's result, piece by piece, no faster than it is read, and returns when all of it has left the
 * process.
 *
 * @returns false when the reader has gone, as `head` does when it has seen enough: then nobody wants the rest
 * @throws AppError `unavailable` when it cannot be written, such as to a full disk
 */
export async function writeResult(
  stream: NodeJS.WritableStream,
  pieces: Iterable<string> | AsyncIterable<string | Uint8Array>,
): Promise<boolean> {
  // Without a listener the stream's error event would end the process before the write's own failure is seen.
  const ignore = () => {};
  stream.on('error', ignore);
  try {
    for await (const piece of pieces) await write(stream, piece);
    return true;
  } catch (error) {
    if (error instanceof WriteError) {
      if (GONE.has(error.code)) return false;
      throw new AppError('unavailable', `Cannot write the result: ${messageOf(error.cause)}.`, {
        cause: error.cause,
      });
    }
    throw error;
  } finally {
    stream.removeListener('error', ignore);
  }
}

const GONE = new Set(['EPIPE', 'ERR_STREAM_DESTROYED', 'ECONNRESET']);

/** A failed write, as opposed to a failure of whoever makes the pieces. */
class WriteError extends Error {
  readonly code: string;

  constructor(cause: unknown) {
    super('write failed', { cause });
    this.code = String((cause as { code?: unknown }).code);
  }
}

function write(stream: NodeJS.WritableStream, piece: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => reject(new WriteError(error));
    try {
      stream.write(piece, (error) => (error ? fail(error) : resolve()));
    } catch (error) {
      // Deno writes standard output at once, and throws.
      fail(error);
    }
  });
}
