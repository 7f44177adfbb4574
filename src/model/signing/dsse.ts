import { Buffer } from 'node:buffer';
import { z } from 'zod';
import { type SigningKey, signBytes, type VerificationKeys, verifyBytes } from './ecdsa.ts';
import { unusable } from '../unusable.ts';

const base64 = z.base64();

/** A signed payload: DSSE v1.0, https://github.com/secure-systems-lab/dsse. */
export const envelopeSchema = z.object({
  payload: base64,
  payloadType: z.string().max(200),
  signatures: z.array(z.object({ sig: base64, keyid: z.string().max(200).optional() })).length(1),
});

export type Envelope = z.infer<typeof envelopeSchema>;

export async function signEnvelope(
  key: SigningKey,
  payloadType: string,
  payload: Uint8Array,
): Promise<Envelope> {
  const signature = await signBytes(key, preAuthenticationEncoding(payloadType, payload));
  return {
    payload: Buffer.from(payload).toString('base64'),
    payloadType,
    signatures: [{ sig: Buffer.from(signature).toString('base64'), keyid: '' }],
  };
}

/**
 * The payload, once its signature has been verified; nothing of it is looked at before.
 * @param what names it: `channels/prod.json in s3://bucket`
 * @throws AppError `corrupt`
 */
export async function openEnvelope(
  keys: VerificationKeys,
  { payload, payloadType, signatures }: Envelope,
  expectedType: string,
  what: string,
): Promise<Uint8Array> {
  if (payloadType !== expectedType) throw unusable(what, 'what is signed is of another type');
  const bytes = Buffer.from(payload, 'base64');
  const signature = Buffer.from(signatures[0].sig, 'base64');
  const signed = preAuthenticationEncoding(payloadType, bytes);
  for (const key of keys) if (await verifyBytes(key, signature, signed)) return bytes;
  throw unusable(what, 'its signature is not one over it by a key that is trusted (MODEL_PUBLIC_KEY)');
}

/** What is signed: the type and the payload, each with its length, so that neither can pass for a part of the other. */
function preAuthenticationEncoding(type: string, payload: Uint8Array): Uint8Array {
  const typeLength = Buffer.byteLength(type);
  return Buffer.concat([Buffer.from(`DSSEv1 ${typeLength} ${type} ${payload.length} `), payload]);
}
