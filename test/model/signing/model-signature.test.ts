import { describe, expect, test } from 'bun:test';
import { generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  importPrivateKey,
  importPublicKeys,
  signBytes,
  verifyBytes,
} from '../../../src/model/signing/ecdsa.ts';
import { signFiles, verifySignature } from '../../../src/model/signing/model-signature.ts';
import { failure } from '../../support/failure.ts';
import { newKeyPair } from '../../support/key-pair.ts';

const FIXTURES = join(import.meta.dir, '../../fixtures/model-signing');
const filesOf = (folder: string) =>
  new Map<string, Uint8Array>(
    readdirSync(join(FIXTURES, folder)).map((name) => [name, readFileSync(join(FIXTURES, folder, name))]),
  );
const pemOf = (name: string) => readFileSync(join(FIXTURES, `${name}.pub`), 'utf8');
const text = (value: string) => new TextEncoder().encode(value);
const json = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes));
const refused = async (files: Map<string, Uint8Array>, pem: string) =>
  await failure(verifySignature(files, await importPublicKeys(pem), 'version 1'), 'corrupt');

describe.each(['p256', 'p384'])('a signature of the reference implementation, %s', (name) => {
  const other = name === 'p256' ? 'p384' : 'p256';

  test('verifies', async () => {
    await verifySignature(filesOf(name), await importPublicKeys(pemOf(name)), 'version 1');
  });

  test('verifies no file with a bit flipped', async () => {
    for (const path of filesOf(name).keys()) {
      if (path === 'model.sig') continue;
      const files = filesOf(name);
      const bytes = Uint8Array.from(files.get(path)!);
      bytes[bytes.length - 1] ^= 1;
      expect(await refused(files.set(path, bytes), pemOf(name))).toContain(path);
    }
  });

  test('does not stand any byte of its signature or payload changed', async () => {
    const bytes = filesOf(name).get('model.sig')!;
    const bundle = json(bytes);
    const { payload, signatures } = bundle.dsseEnvelope;
    const key = await importPublicKeys(pemOf(name));
    const spoil = (base64: string, at: number) => {
      const spoilt = Buffer.from(base64, 'base64');
      spoilt[at] ^= 1;
      return spoilt.toString('base64');
    };
    const check = (envelope: object) => {
      const files = filesOf(name).set(
        'model.sig',
        text(JSON.stringify({ ...bundle, dsseEnvelope: envelope })),
      );
      return failure(verifySignature(files, key, 'version 1'), 'corrupt');
    };
    for (let at = 0; at < Buffer.from(signatures[0].sig, 'base64').length; at++)
      await check({ ...bundle.dsseEnvelope, signatures: [{ sig: spoil(signatures[0].sig, at) }] });
    for (let at = 0; at < Buffer.from(payload, 'base64').length; at += 13)
      await check({ ...bundle.dsseEnvelope, payload: spoil(payload, at) });
    for (const changes of [{ payloadType: 'text/plain' }, { signatures: [] }, { payload: '' }])
      await check({ ...bundle.dsseEnvelope, ...changes });
  });

  test('is refused for another key, and when nobody says which key', async () => {
    expect(await refused(filesOf(name), pemOf(other))).toContain('a key that is not trusted');
    const bundle = json(filesOf(name).get('model.sig')!);
    bundle.verificationMaterial.publicKey = {};
    const files = filesOf(name).set('model.sig', text(JSON.stringify(bundle)));
    expect(await refused(files, pemOf(other))).toContain('its signature is not');
    await verifySignature(files, await importPublicKeys(pemOf(name)), 'version 1');
  });

  test('covers exactly the files that are there', async () => {
    const missing = filesOf(name);
    missing.delete('golden.json');
    expect(await refused(missing, pemOf(name))).toContain('golden.json is signed and is missing');
    expect(await refused(filesOf(name).set('extra.json', text('{}')), pemOf(name))).toContain('not signed');
    const unsigned = filesOf(name);
    unsigned.delete('model.sig');
    expect(await refused(unsigned, pemOf(name))).toContain('it is not signed');
  });
});

describe('signFiles', () => {
  const files = new Map([
    ['b.json', text('2')],
    ['a.json', text('1')],
  ]);

  test.each(['P-256', 'P-384'] as const)('makes what verifies, with %s', async (curve) => {
    const { key, publicPem } = await newKeyPair(curve);
    // Some signatures have numbers with leading zeros or high bits: DER writes those otherwise.
    for (let i = 0; i < 50; i++) {
      const signed = new Map<string, Uint8Array>(files).set('model.sig', await signFiles(files, 'v1', key));
      await verifySignature(signed, await importPublicKeys(publicPem), 'v1');
    }
  });

  test('does not sign an earlier signature', async () => {
    const { key } = await newKeyPair();
    const first = new Map<string, Uint8Array>(files).set('model.sig', text('old'));
    const again = new Map<string, Uint8Array>(first).set('model.sig', await signFiles(first, 'v1', key));
    await verifySignature(again, [key.verification], 'v1');
  });

  test('a signed statement of another kind is not taken for one of a model', async () => {
    const { key } = await newKeyPair();
    const bundle = json(await signFiles(files, 'v1', key));
    const statement = json(Buffer.from(bundle.dsseEnvelope.payload, 'base64'));
    for (const changes of [
      { predicateType: 'https://example.org/other' },
      { _type: 'https://in-toto.io/Statement/v0.1' },
      { subject: [{ name: 'v1', digest: { sha256: '0'.repeat(64) } }] },
      { predicate: { ...statement.predicate, serialization: { method: 'shards', hash_type: 'sha256' } } },
      { predicate: { ...statement.predicate, resources: [] } },
    ]) {
      const payload = text(JSON.stringify({ ...statement, ...changes }));
      const head = Buffer.from(`DSSEv1 28 application/vnd.in-toto+json ${payload.length} `);
      const sig = Buffer.from(await signBytes(key, Buffer.concat([head, payload]))).toString('base64');
      const dsseEnvelope = {
        ...bundle.dsseEnvelope,
        payload: Buffer.from(payload).toString('base64'),
        signatures: [{ sig }],
      };
      const signed = new Map<string, Uint8Array>(files).set(
        'model.sig',
        text(JSON.stringify({ ...bundle, dsseEnvelope })),
      );
      await failure(verifySignature(signed, [key.verification], 'v1'), 'corrupt');
    }
  });
});

describe('keys', () => {
  test('a public key may stand in one line, as in a file of settings', async () => {
    const { publicPem, key } = await newKeyPair();
    for (const form of [publicPem, publicPem.replaceAll('\n', ' '), publicPem.replaceAll('\n', '\\n')])
      expect((await importPublicKeys(form))[0]?.id).toBe(key.verification.id);
  });

  test('private keys are read in both forms that OpenSSL writes', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    const ids = (['pkcs8', 'sec1'] as const).map(async (type) => {
      const pem = privateKey.export({ type, format: 'pem' }).toString();
      return (await importPrivateKey(pem)).verification.id;
    });
    const [first, second] = await Promise.all(ids);
    expect(first).toBe(second!);
  });

  test('keys of another kind, or none at all, are refused, and never repeated', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-521' });
    const publicPem = (key: { export: (typeof rsa.publicKey)['export'] }) =>
      key.export({ type: 'spki', format: 'pem' }).toString();
    for (const pem of [publicPem(rsa.publicKey), publicPem(ec.publicKey), 'secret', ''])
      await failure(importPublicKeys(pem), 'invalid');
    const half = `-----BEGIN EC PRIVATE KEY-----\nc2VjcmV0\n-----END EC PRIVATE KEY-----`;
    expect(await failure(importPrivateKey(half), 'invalid')).not.toContain('c2VjcmV0');
  });

  test('a signature has one form: what is after it, or padded in it, is refused', async () => {
    const { key } = await newKeyPair();
    const bytes = text('x');
    const good = await signBytes(key, bytes);
    expect(await verifyBytes(key.verification, good, bytes)).toBe(true);
    for (const bad of [
      [...good, 0],
      good.slice(0, -1),
      [0x30, good.length, 0x02, 0x00, ...good.slice(2)],
      [0x30, 0x00],
      [],
    ])
      expect(await verifyBytes(key.verification, Uint8Array.from(bad), bytes)).toBe(false);
  });
});
