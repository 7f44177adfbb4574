/** Bytes that can be read anywhere: a file on disk, an object in a bucket. */
export interface RandomAccess {
  readonly byteLength: number;
  /** @returns bytes `[start, end)`, all of them */
  slice(start: number, end: number): Promise<Uint8Array>;
}

/** A range up to this size is read at once, where its parts would each be a request. */
const AT_ONCE_BYTES = 33_554_432;

/**
 * The same source with one range of it in memory, unless that is too long.
 *
 * @throws whatever the source throws
 */
export async function holding(
  source: RandomAccess,
  { start, end }: { start: number; end: number },
): Promise<RandomAccess> {
  if (end - start > AT_ONCE_BYTES) return source;
  const held = await source.slice(start, end);
  return {
    byteLength: source.byteLength,
    slice: async (from, to) =>
      from >= start && to <= end ? held.subarray(from - start, to - start) : source.slice(from, to),
  };
}
