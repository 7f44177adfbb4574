/** What is copied byte by byte: for so few a call costs more. */
const SHORT = 16;

/**
 * Unpacks a snappy block (Google, "Snappy compressed format description", 2011). hyparquet's own goes on with lengths below
 * zero, and so never ends on some bytes that are no snappy.
 *
 * @throws RangeError when the bytes are no such block of `length` bytes
 */
export function unsnap(bytes: Uint8Array, length: number): Uint8Array {
  const into = new Uint8Array(length);
  let at = 0;
  let done = 0;
  /** A number of so many bytes, the lowest first. */
  const number = (size: number) => {
    if (at + size > bytes.length) throw new RangeError('a block ends too early');
    let value = 0;
    for (let i = 0; i < size; i++) value += bytes[at++] * 2 ** (8 * i);
    return value;
  };
  let said = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = number(1);
    said += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
    if (shift > 28) throw new RangeError('a block says no length');
  }
  if (said !== length) throw new RangeError('a block has another length than its page says');
  while (at < bytes.length) {
    const tag = bytes[at++];
    const kind = tag & 3;
    if (kind === 0) {
      const short = tag >> 2;
      const size = (short < 60 ? short : number(short - 59)) + 1;
      if (at + size > bytes.length || done + size > length) throw new RangeError('a literal ends too early');
      into.set(bytes.subarray(at, at + size), done);
      at += size;
      done += size;
      continue;
    }
    const size = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
    const back = kind === 1 ? (tag >> 5) * 256 + number(1) : number(kind === 2 ? 2 : 4);
    if (back === 0 || back > done || done + size > length)
      throw new RangeError('a copy from or to beyond the block');
    // A copy may overlap with what it writes: then it repeats it.
    if (size <= SHORT || back < size) for (let i = 0; i < size; i++) into[done + i] = into[done - back + i];
    else into.copyWithin(done, done - back, done - back + size);
    done += size;
  }
  if (done !== length) throw new RangeError('a block ends too early');
  return into;
}
