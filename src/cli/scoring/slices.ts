/** A part of a file, by its bytes. What of the file's rows belongs to it is said by the file's format. */
export interface Slice {
  /** The file's place among the inputs. */
  input: number;
  from: number;
  to: number;
}

/**
 * The parts of all inputs that are one shard's: the bytes of the inputs, one behind the other, cut into shards of the same
 * size. So the shards' outputs in their order are the inputs' rows in theirs.
 */
export function slicesOf(inputs: readonly { size: number }[], shard: number, shards: number): Slice[] {
  const total = sizeOf(inputs);
  const [from, to] = [cutOf(total, shard, shards), cutOf(total, shard + 1, shards)];
  const slices: Slice[] = [];
  let start = 0;
  for (const [input, { size }] of inputs.entries()) {
    const slice = { input, from: Math.max(0, from - start), to: Math.min(size, to - start) };
    if (slice.from < slice.to) slices.push(slice);
    start += size;
  }
  return slices;
}

/** Where one of the inputs is cut, ascending. */
export function cutsIn(inputs: readonly { size: number }[], input: number, shards: number): number[] {
  const total = sizeOf(inputs);
  const start = sizeOf(inputs.slice(0, input));
  const { size } = inputs[input];
  const cuts: number[] = [];
  for (let shard = 1; shard < shards; shard++) {
    const at = cutOf(total, shard, shards) - start;
    if (at > 0 && at < size) cuts.push(at);
  }
  return cuts;
}

const sizeOf = (inputs: readonly { size: number }[]) => inputs.reduce((sum, { size }) => sum + size, 0);

/** Where the shard begins. In whole numbers: total * shard could be more than a number holds exactly. */
function cutOf(total: number, shard: number, shards: number): number {
  const rest = total % shards;
  return ((total - rest) / shards) * shard + Math.min(shard, rest);
}
