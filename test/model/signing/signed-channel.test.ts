import { describe, expect, test } from 'bun:test';
import { promoted } from '../../../src/model/artifact/channel.ts';
import { decodeChannel, encodeChannel } from '../../../src/model/signing/signed-channel.ts';
import { failure } from '../../support/failure.ts';
import { newKeyPair } from '../../support/key-pair.ts';

const channel = promoted(undefined, {
  version: 'v1',
  manifestSha256: 'a'.repeat(64),
  promotedAt: '2026-01-01T00:00:00Z',
  reason: 'a test',
});
const what = 'channels/prod.json';

describe('a channel file', () => {
  test('is the state itself without a key, and reads back', async () => {
    const bytes = await encodeChannel('prod', channel, undefined);
    expect(JSON.parse(new TextDecoder().decode(bytes))).toEqual(channel);
    expect(await decodeChannel('prod', bytes, undefined, what)).toEqual({ channel, signed: false });
  });

  test('signed, it reads back with the key, and without one by who does not check', async () => {
    const { key } = await newKeyPair('P-384');
    const bytes = await encodeChannel('prod', channel, key);
    for (const reader of [[key.verification], undefined])
      expect(await decodeChannel('prod', bytes, reader, what)).toEqual({ channel, signed: true });
  });

  test('with a key, neither an unsigned one nor one of another key is taken', async () => {
    const { key } = await newKeyPair();
    const other = (await newKeyPair()).key;
    const plain = await encodeChannel('prod', channel, undefined);
    expect(await failure(decodeChannel('prod', plain, [key.verification], what), 'corrupt')).toContain(
      'not signed',
    );
    const foreign = await encodeChannel('prod', channel, other);
    expect(await failure(decodeChannel('prod', foreign, [key.verification], what), 'corrupt')).toContain(
      'signature',
    );
  });

  test('what was signed for one channel does not pass for another', async () => {
    const { key } = await newKeyPair();
    const bytes = await encodeChannel('dev', channel, key);
    for (const reader of [[key.verification], undefined])
      expect(await failure(decodeChannel('prod', bytes, reader, what), 'corrupt')).toContain('channel dev');
  });
});
