import { setImmediate as nextTurn } from 'node:timers/promises';
import { isAppError, messageOf } from '../../errors.ts';

/** How long the work may keep other requests waiting at a time. */
const SLICE_MS = 5;

/** Failures that a client's own CSV may lead to. */
const FORESEEN = ['invalid', 'too_large', 'too_slow', 'left'] as const;

/** How a response ended: with its last row, by a failure, or because nobody reads it any more. */
export type Ending = 'whole' | 'broken' | 'stopped';

export interface StreamOptions {
  /** Fires when the client has gone. A runtime does not always cancel the stream then. */
  signal: AbortSignal;
  /** How long a client may neither read nor send. */
  idleMs: number;
  /** When the client last sent something, in performance.now()'s milliseconds. */
  lastByteAt(): number;
  /** Called once. */
  onEnd(how: Ending, reason: string | undefined): void;
  /** Failures that were not foreseen. */
  onDefect(error: unknown): void;
}

/**
 * Bytes as a response's body, made as they are read. When making them fails, the stream is cut: the
 * runtime then closes the connection without the end of the body, and the client sees that it has not got all.
 */
export function streamResponse(
  first: Uint8Array,
  rest: AsyncGenerator<Uint8Array, void, void>,
  { signal, idleMs, lastByteAt, onEnd, onDefect }: StreamOptions,
): ReadableStream<Uint8Array> {
  let open = true;
  let unread: ReturnType<typeof setTimeout> | undefined;
  const end = (how: Ending, reason?: string) => {
    if (!open) return;
    open = false;
    clearTimeout(unread);
    signal.removeEventListener('abort', leave);
    onEnd(how, reason);
  };
  const stop = async (reason?: string) => {
    end('stopped', reason);
    await rest.return().catch(onDefect);
  };
  const leave = () => stop();
  signal.addEventListener('abort', leave);
  const cutWhenIdle = (controller: ReadableStreamDefaultController, readAt: number) => {
    const idle = performance.now() - Math.max(readAt, lastByteAt());
    if (idle < idleMs) {
      unread = setTimeout(cutWhenIdle, idleMs - idle, controller, readAt);
      return;
    }
    void stop(`The client neither read nor sent anything for ${Math.ceil(idleMs / 1000)} seconds.`);
    controller.error(new Cut());
  };
  let next: Uint8Array | undefined = first;
  let turnAt = performance.now();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        clearTimeout(unread);
        try {
          // Others get their turn every few milliseconds; between any two pieces would cost more than the pieces.
          if (performance.now() - turnAt > SLICE_MS) {
            await nextTurn();
            turnAt = performance.now();
          }
          const piece = next === undefined ? await rest.next() : { done: false as const, value: next };
          next = undefined;
          // The client may have gone meanwhile.
          if (!open) return;
          if (piece.done) {
            end('whole');
            controller.close();
            return;
          }
          controller.enqueue(piece.value);
          unread = setTimeout(cutWhenIdle, idleMs, controller, performance.now());
        } catch (error) {
          if (!FORESEEN.some((code) => isAppError(error, code))) onDefect(error);
          end(isAppError(error, 'left') ? 'stopped' : 'broken', messageOf(error));
          controller.error(new Cut());
        }
      },
      cancel: leave,
    },
    // One piece waits at most: what the client does not read is not made.
    { highWaterMark: 1 },
  );
}

/** Tells the runtime to cut the connection; the reason is in our own log, so this holds none and no stack. */
class Cut extends Error {
  constructor() {
    super('The response was cut.');
    this.name = 'Cut';
    this.stack = '';
  }
}
