/** Bytes that can be read anywhere: a file on disk, an object in a bucket. */
export interface RandomAccess {
  readonly byteLength: number;
  /** @returns bytes `[start, end)`; fewer would be a defect of the source */
  slice(start: number, end: number): Promise<ArrayBuffer>;
}

/**
 * The same source with one range of it in memory, so that what lies side by side costs one request.
 *
 * @throws whatever the source throws
 */
export async function withRange(source: RandomAccess, start: number, end: number): Promise<RandomAccess> {
  const held = await source.slice(start, end);
  return {
    byteLength: source.byteLength,
    slice: async (from, to) =>
      from >= start && to <= end ? held.slice(from - start, to - start) : source.slice(from, to),
  };
}
