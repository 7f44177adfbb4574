import { z } from 'zod';
import { sha256Hex, versionName } from './manifest.ts';

/** How many earlier states a channel remembers. */
export const CHANNEL_HISTORY = 20;

const state = z.strictObject({
  version: versionName,
  manifestSha256: sha256Hex,
  sequence: z.int().positive(),
  promotedAt: z.iso.datetime(),
  reason: z.string().max(400),
});

/** A named pointer to one version, such as `prod`: the only mutable object of a store. */
export const channelSchema = state.extend({
  /** Earlier states, newest first. */
  previous: z.array(state).max(CHANNEL_HISTORY),
});

export type Channel = z.infer<typeof channelSchema>;
export type ChannelState = z.infer<typeof state>;
