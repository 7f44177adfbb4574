import { generateKeyPairSync } from 'node:crypto';
import { importPrivateKey, type SigningKey } from '../../src/model/signing/ecdsa.ts';

export interface KeyPair {
  privatePem: string;
  publicPem: string;
  key: SigningKey;
}

/** A fresh pair of keys for a test. */
export async function newKeyPair(namedCurve: 'P-256' | 'P-384' = 'P-256'): Promise<KeyPair> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { privatePem: privateKey, publicPem: publicKey, key: await importPrivateKey(privateKey) };
}
