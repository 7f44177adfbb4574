import { Buffer } from 'node:buffer';
import { z } from 'zod';
import { type Channel, channelSchema } from '../artifact/channel.ts';
import { envelopeSchema, openEnvelope, signEnvelope } from './dsse.ts';
import type { SigningKey, VerificationKeys } from './ecdsa.ts';
import { channelName } from '../manifest.ts';
import { parseJson } from '../parse-json.ts';
import { unusable } from '../unusable.ts';

const PAYLOAD_TYPE = 'application/vnd.savings.channel.v1+json';

/** The channel's name is signed too: else what was signed for `dev` would pass for `prod`. */
const payloadSchema = z.strictObject({ channel: channelName, state: channelSchema });

export interface ChannelFile {
  channel: Channel;
  signed: boolean;
}

/**
 * The bytes of a channel's file: its state as it is, or, signed, one DSSE envelope around it, so that state and
 * signature change in one step.
 */
export async function encodeChannel(
  name: string,
  channel: Channel,
  key: SigningKey | undefined,
): Promise<Uint8Array> {
  const state = channelSchema.parse(channel);
  const encode = (value: unknown) => new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
  if (key === undefined) return encode(state);
  return encode(await signEnvelope(key, PAYLOAD_TYPE, encode({ channel: name, state })));
}

/**
 * Reads a channel's file. Without keys a signature is not looked at; with some, there must be a good one.
 * @param what names the file: `channels/prod.json in s3://bucket`
 * @throws AppError `corrupt`
 */
export async function decodeChannel(
  name: string,
  bytes: Uint8Array,
  keys: VerificationKeys | undefined,
  what: string,
): Promise<ChannelFile> {
  const { payloadType } = parseJson(z.looseObject({ payloadType: z.string().optional() }), bytes, what);
  if (payloadType === undefined) {
    if (keys !== undefined)
      throw unusable(what, 'it is not signed by a key that is trusted (MODEL_PUBLIC_KEY)');
    return { channel: parseJson(channelSchema, bytes, what), signed: false };
  }
  const envelope = parseJson(envelopeSchema, bytes, what);
  const payload =
    keys === undefined
      ? Buffer.from(envelope.payload, 'base64')
      : await openEnvelope(keys, envelope, PAYLOAD_TYPE, what);
  const { channel, state } = parseJson(payloadSchema, payload, what);
  if (channel !== name) throw unusable(what, `it was signed for channel ${channel}`);
  return { channel: state, signed: true };
}
