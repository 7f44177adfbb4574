import { Buffer } from 'node:buffer';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { AppError } from '../../errors.ts';
import { sha256 } from '../sha256.ts';

/** A key pair's public half. */
export interface VerificationKey {
  key: CryptoKey;
  curve: Curve;
  /** sha256 of the key's PEM, as OpenSSF Model Signing names keys. */
  id: string;
}

/** Any of them verifies: while keys are exchanged, there are two. */
export type VerificationKeys = readonly VerificationKey[];

/** A private key, with what verifies its signatures. */
export interface SigningKey {
  key: CryptoKey;
  verification: VerificationKey;
}

interface Curve {
  name: 'P-256' | 'P-384';
  hash: 'SHA-256' | 'SHA-384';
  /** Bytes of each of a signature's two numbers. */
  bytes: number;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** The curves, by the object identifier that a DER-encoded key holds (RFC 5480, 2.1.1.1), in hex. */
const CURVES: readonly (readonly [string, Curve])[] = [
  ['06082a8648ce3d030107', { name: 'P-256', hash: 'SHA-256', bytes: 32 }],
  ['06052b81040022', { name: 'P-384', hash: 'SHA-384', bytes: 48 }],
];

/**
 * Reads public keys from PEM, one behind the other. Their lines may also stand in one, joined by blanks or by `\n` as
 * two characters, since files of settings hold no others.
 * @throws AppError `invalid`
 */
export async function importPublicKeys(pem: string): Promise<VerificationKeys> {
  const blocks = pem.split(/-----BEGIN PUBLIC KEY-----/).slice(1);
  if (blocks.length === 0) throw keyError('public', 'it is not PEM');
  return await Promise.all(
    blocks.map((block) => {
      const base64 = block.replace(/-----END PUBLIC KEY-----.*/s, '').replace(/\\n|\s/g, '');
      if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) throw keyError('public', 'it is not PEM');
      return fromSpki(Buffer.from(base64, 'base64'));
    }),
  );
}

/**
 * Reads a private key from PEM, in PKCS #8 or in OpenSSL's older form; not one with a password.
 * @throws AppError `invalid`
 */
export async function importPrivateKey(pem: string): Promise<SigningKey> {
  let pkcs8: Bytes;
  let spki: Bytes;
  try {
    const key = createPrivateKey(pem);
    pkcs8 = Uint8Array.from(key.export({ type: 'pkcs8', format: 'der' }));
    spki = Uint8Array.from(createPublicKey(pem).export({ type: 'spki', format: 'der' }));
  } catch {
    // What was thrown may quote the key.
    throw keyError('private', 'it is not PEM without a password');
  }
  const verification = await fromSpki(spki);
  const algorithm = { name: 'ECDSA', namedCurve: verification.curve.name };
  const key = await crypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']);
  return { key, verification };
}

async function fromSpki(der: Uint8Array): Promise<VerificationKey> {
  const bytes = Uint8Array.from(der);
  const hex = Buffer.from(bytes).toString('hex');
  const curve = CURVES.find(([identifier]) => hex.includes(identifier))?.[1];
  if (curve === undefined) throw keyError('public', 'it is not of the curve P-256 or P-384');
  try {
    const algorithm = { name: 'ECDSA', namedCurve: curve.name };
    const key = await crypto.subtle.importKey('spki', bytes, algorithm, true, ['verify']);
    // Exported again: the name of a key must not depend on how it was written.
    const canonical = Buffer.from(await crypto.subtle.exportKey('spki', key));
    return { key, curve, id: sha256(new TextEncoder().encode(pemOf(canonical))) };
  } catch {
    throw keyError('public', 'it is damaged');
  }
}

function pemOf(spki: Buffer): string {
  const lines = spki.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN PUBLIC KEY-----\n${lines.join('\n')}\n-----END PUBLIC KEY-----\n`;
}

function keyError(half: string, why: string): AppError {
  return new AppError(
    'invalid',
    `Cannot use the ${half} key: ${why}; make one with 'openssl ecparam -name prime256v1 -genkey -noout'.`,
  );
}

/** @returns the signature in DER (RFC 3279, 2.2.3) */
export async function signBytes({ key, verification }: SigningKey, bytes: Uint8Array): Promise<Uint8Array> {
  const { hash } = verification.curve;
  const raw = await crypto.subtle.sign({ name: 'ECDSA', hash }, key, Uint8Array.from(bytes));
  return derOf(new Uint8Array(raw));
}

/** Whether the signature, in DER, is this key's over these bytes. */
export async function verifyBytes(
  { key, curve }: VerificationKey,
  signature: Uint8Array,
  bytes: Uint8Array,
): Promise<boolean> {
  const raw = rawOf(signature, curve.bytes);
  if (raw === undefined) return false;
  return await crypto.subtle.verify({ name: 'ECDSA', hash: curve.hash }, key, raw, Uint8Array.from(bytes));
}

/** WebCrypto writes a signature as its two numbers of fixed length, one after the other; DER has them as integers. */
function derOf(raw: Uint8Array): Uint8Array {
  const half = raw.length / 2;
  const integer = (number: Uint8Array) => {
    let start = 0;
    while (start < number.length - 1 && number[start] === 0) start++;
    const digits = number.subarray(start);
    // A first bit of 1 would make it negative.
    const sign = digits[0] & 0x80 ? [0] : [];
    return [0x02, sign.length + digits.length, ...sign, ...digits];
  };
  const body = [...integer(raw.subarray(0, half)), ...integer(raw.subarray(half))];
  return Uint8Array.from([0x30, body.length, ...body]);
}

/** The inverse of `derOf`; undefined when it is not DER of two numbers that fit. Lengths need one byte: P-384 has 102. */
function rawOf(der: Uint8Array, half: number): Bytes | undefined {
  const raw = new Uint8Array(2 * half);
  if (der[0] !== 0x30 || der[1] !== der.length - 2) return undefined;
  let at = 2;
  for (const end of [half, 2 * half]) {
    const length = der[at + 1] ?? 0;
    const digits = der.subarray(at + 2, at + 2 + length);
    if (der[at] !== 0x02 || length === 0 || digits.length !== length || digits[0] & 0x80) return undefined;
    const number = digits[0] === 0 ? digits.subarray(1) : digits;
    if (number.length > half) return undefined;
    raw.set(number, end - number.length);
    at += 2 + length;
  }
  return at === der.length ? raw : undefined;
}
