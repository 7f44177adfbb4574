import { readConfig } from '../../config.ts';
import { asUsageError, type Io, UsageError } from '../command.ts';
import { MAX_SHARDS, type RunRecord } from './run-record.ts';

/** Without a number of shards each gets about so much: minutes of work, which is what a stop can cost. */
const BYTES_PER_SHARD = 134_217_728;

/** Which shards a process is to score. */
export interface ShardChoice {
  /** Of how many; undefined where the run, or the size of its inputs, says so. */
  shards: number | undefined;
  /** The one; undefined for all. */
  shard: number | undefined;
}

/** @param option `I/N` or `all/N`; without it the settings of a Job count, and without those it is all @throws UsageError */
export function shardChoice(option: string | undefined, env: Io['env']): ShardChoice {
  if (option !== undefined) return fromOption(option);
  try {
    const { JOB_COMPLETION_INDEX, SHARD_COUNT } = env;
    const { shard, shards } = readConfig(
      { JOB_COMPLETION_INDEX, SHARD_COUNT },
      'Cannot tell which shard is meant',
    );
    return { shard, shards };
  } catch (error) {
    throw asUsageError(error);
  }
}

function fromOption(option: string): ShardChoice {
  const [, which = '', of = ''] = /^(all|\d{1,6})\/(\d{1,6})$/.exec(option) ?? [];
  const shards = Number(of);
  const shard = which === 'all' ? undefined : Number(which);
  if (shards >= 1 && shards <= MAX_SHARDS && (shard === undefined || shard < shards))
    return { shard, shards };
  throw new UsageError(
    `--shard must be I/N, one of N shards with I from 0 to N-1, or all/N; N is from 1 to ${MAX_SHARDS}.`,
  );
}

/** The numbers of the shards to score, in their order. */
export function shardsOf(choice: ShardChoice, run: RunRecord): number[] {
  return choice.shard === undefined
    ? Array.from({ length: run.shards }, (_, shard) => shard)
    : [choice.shard];
}

/** How many shards a run has for which nobody says how many. */
export function shardsFor(inputs: RunRecord['inputs']): number {
  const total = inputs.reduce((sum, { size }) => sum + size, 0);
  return Math.min(MAX_SHARDS, Math.ceil(total / BYTES_PER_SHARD));
}
