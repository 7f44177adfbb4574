/**
 * Whole numbers of `width` bits in Parquet's hybrid of run lengths and packed bits (Apache Parquet, "Encodings", RLE).
 * A run never writes beyond `into`, whatever its length claims.
 *
 * @param bytes begins with the first run
 * @throws RangeError when the bytes end before `into` is full
 */
export function readHybrid<T extends Uint8Array | Int32Array>(bytes: Uint8Array, width: number, into: T): T {
  if (width > 32) throw new RangeError(`numbers of ${width} bits`);
  let at = 0;
  const next = () => {
    if (at >= bytes.length) throw new RangeError('a run of numbers ends too early');
    return bytes[at++];
  };
  const varint = () => {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = next();
      // Multiplied, since a shift would lose what passes 31 bits.
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError('a number of more than five bytes');
  };
  for (let done = 0; done < into.length; ) {
    const header = varint();
    const isPacked = header % 2 === 1;
    const claimed = Math.floor(header / 2) * (isPacked ? 8 : 1);
    const end = Math.min(into.length, done + claimed);
    if (isPacked) {
      const first = at;
      at = Math.min(bytes.length, first + (claimed / 8) * width);
      unpack(bytes.subarray(first, at), width, into, done, end);
    } else {
      let value = 0;
      for (let shift = 0; shift < width; shift += 8) value |= next() << shift;
      into.fill(value, done, end);
    }
    done = end;
  }
  return into;
}

function unpack(
  bytes: Uint8Array,
  width: number,
  into: Uint8Array | Int32Array,
  from: number,
  to: number,
): void {
  // The last run may be cut where its numbers end.
  if ((to - from) * width > bytes.length * 8) throw new RangeError('packed numbers end too early');
  let bits = 0;
  let held = 0;
  let at = 0;
  const mask = 2 ** width - 1;
  for (let i = from; i < to; i++) {
    if (width > 24) {
      into[i] = wide(bytes, (i - from) * width, width);
      continue;
    }
    while (held < width) {
      bits |= bytes[at++] << held;
      held += 8;
    }
    into[i] = bits & mask;
    bits >>>= width;
    held -= width;
  }
}

/** A number that would not fit beside the bits that are left of the byte before it. */
function wide(bytes: Uint8Array, bit: number, width: number): number {
  let value = 0;
  for (let i = 0; i < width; i++) {
    const at = bit + i;
    value |= ((bytes[at >> 3] >> (at & 7)) & 1) << i;
  }
  return value;
}
