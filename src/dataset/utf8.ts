/** Bytes that are not UTF-8, in whatever piece they came. */
export class NotUtf8Error extends Error {
  /** What could be read of that piece before them. */
  readonly before: string;

  constructor(before: string, cause: unknown) {
    super('The bytes are not UTF-8.', { cause });
    this.name = 'NotUtf8Error';
    this.before = before;
  }
}

/** UTF-8 that comes in pieces, as text. A character that a piece's end cuts in two waits for the next piece. */
export class Utf8Decoder {
  /** A byte order mark is left in: only the beginning of a file has one. */
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #waiting: Uint8Array = new Uint8Array();

  /** How many bytes of the last piece wait for the next; 3 at most. */
  get waitingBytes(): number {
    return this.#waiting.length;
  }

  /** @throws NotUtf8Error */
  push(piece: Uint8Array): string {
    const bytes = this.#waiting.length === 0 ? piece : joined(this.#waiting, piece);
    const whole = bytes.length - cutBytes(bytes);
    this.#waiting = bytes.slice(whole);
    return this.#decode(bytes.subarray(0, whole));
  }

  /** @throws NotUtf8Error when a character was cut by the end */
  end(): void {
    if (this.#waiting.length > 0) this.#decode(this.#waiting);
  }

  #decode(bytes: Uint8Array): string {
    try {
      return this.#decoder.decode(bytes);
    } catch (cause) {
      throw new NotUtf8Error(textBeforeFault(bytes), cause);
    }
  }
}

export function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(a.length + b.length);
  bytes.set(a);
  bytes.set(b, a.length);
  return bytes;
}

/** How many bytes at the end begin a character that they do not end. */
function cutBytes(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back];
    const continues = (byte & 0xc0) === 0x80;
    if (continues) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

/** Written again, the text differs from the bytes where they are wrong first. */
function textBeforeFault(bytes: Uint8Array): string {
  const again = new TextEncoder().encode(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
  let same = 0;
  while (same < bytes.length && again[same] === bytes[same]) same++;
  return new TextDecoder().decode(bytes.subarray(0, same), { stream: true });
}
