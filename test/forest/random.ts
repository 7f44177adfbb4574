/** A seeded source of numbers in [0, 1): mulberry32 by Tommy Ettinger, the same on every runtime. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const below = (random: () => number, end: number) => Math.floor(random() * end);

export const pick = <T>(random: () => number, from: readonly T[]) => from[below(random, from.length)];
