import { z } from 'zod';
import { sentence, sha256Hex, versionName } from '../manifest.ts';

/** How many earlier states a channel remembers. */
export const CHANNEL_HISTORY = 20;

const state = z.strictObject({
  version: versionName,
  manifestSha256: sha256Hex,
  sequence: z.int().positive(),
  promotedAt: z.iso.datetime(),
  reason: sentence,
});

/** A named pointer to one version, such as `prod`: the only mutable object of a store. */
export const channelSchema = state.extend({
  /** Earlier states, newest first. */
  previous: z.array(state).max(CHANNEL_HISTORY),
});

export type Channel = z.infer<typeof channelSchema>;
export type ChannelState = z.infer<typeof state>;

/** A promotion as its caller states it; the channel adds the sequence and the history. */
export type Promotion = Omit<ChannelState, 'sequence'>;

/** The channel after a promotion: the next sequence, and the state before it at the head of the history. */
export function promoted(current: Channel | undefined, promotion: Promotion): Channel {
  if (current === undefined) return { ...promotion, sequence: 1, previous: [] };
  const { previous, ...replaced } = current;
  return {
    ...promotion,
    sequence: current.sequence + 1,
    previous: [replaced, ...previous].slice(0, CHANNEL_HISTORY),
  };
}

/** Where a rollback goes: the newest earlier state with another version than the current one. */
export function stateBefore({ manifestSha256, previous }: Channel): ChannelState | undefined {
  return previous.find((earlier) => earlier.manifestSha256 !== manifestSha256);
}
