import { describe, expect, test } from 'bun:test';
import {
  CHANNEL_HISTORY,
  type Channel,
  channelSchema,
  promoted,
  stateBefore,
} from '../../../src/model/artifact/channel.ts';

const promotion = (version: string) => ({
  version,
  manifestSha256: version.slice(-1).repeat(64),
  promotedAt: '2026-01-01T00:00:00Z',
  reason: `to ${version}`,
});

describe('promoted', () => {
  test('begins at sequence 1, without a history', () => {
    expect(promoted(undefined, promotion('v1'))).toEqual({ ...promotion('v1'), sequence: 1, previous: [] });
  });

  test('counts up, and keeps the state before it', () => {
    const channel = promoted(promoted(undefined, promotion('v1')), promotion('v2'));
    expect(channel).toEqual({
      ...promotion('v2'),
      sequence: 2,
      previous: [{ ...promotion('v1'), sequence: 1 }],
    });
  });

  test('remembers no more than its history, and stays readable', () => {
    let channel: Channel | undefined;
    for (let i = 1; i <= CHANNEL_HISTORY + 5; i++) channel = promoted(channel, promotion(`v${i}`));
    expect(channel!.previous.map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: CHANNEL_HISTORY }, (_, i) => CHANNEL_HISTORY + 4 - i),
    );
    expect(channelSchema.parse(channel)).toEqual(channel!);
  });
});

describe('stateBefore', () => {
  test('is the newest state with another version', () => {
    const states = ['v1', 'v2', 'v2'].map(promotion);
    let channel: Channel | undefined;
    for (const state of states) channel = promoted(channel, state);
    expect(stateBefore(channel!)?.version).toBe('v1');
  });

  test('is none where there was no other', () => {
    expect(stateBefore(promoted(undefined, promotion('v1')))).toBeUndefined();
  });
});
