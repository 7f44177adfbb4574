import { Buffer } from 'node:buffer';
import { z } from 'zod';
import type { ArtifactFiles } from '../artifact/artifact.ts';
import { envelopeSchema, openEnvelope, signEnvelope } from './dsse.ts';
import type { SigningKey, VerificationKeys } from './ecdsa.ts';
import { FILES, sha256Hex } from '../manifest.ts';
import { parseJson } from '../parse-json.ts';
import { sha256 } from '../sha256.ts';
import { unusable } from '../unusable.ts';

/**
 * model.sig: an OpenSSF Model Signing v1.0 signature with an elliptic-curve key. It is a Sigstore bundle around a DSSE
 * envelope around an in-toto statement that names every file with its sha256.
 * https://github.com/ossf/model-signing-spec
 */
const BUNDLE_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
const STATEMENT_MEDIA_TYPE = 'application/vnd.in-toto+json';
const PREDICATE_TYPE = 'https://model_signing/signature/v1.0';
const MAX_FILES = 64;

const bundleSchema = z.object({
  mediaType: z.literal(BUNDLE_TYPE),
  verificationMaterial: z.object({
    publicKey: z.object({ hint: z.string().max(200).nullish() }),
    tlogEntries: z.array(z.unknown()).max(0).optional(),
  }),
  dsseEnvelope: envelopeSchema,
});

/** Unknown keys are ignored, as the format demands of readers. */
const statementSchema = z.object({
  _type: z.literal(STATEMENT_TYPE),
  subject: z.array(z.object({ name: z.string(), digest: z.object({ sha256: sha256Hex }) })).length(1),
  predicateType: z.literal(PREDICATE_TYPE),
  predicate: z.object({
    serialization: z.object({ method: z.literal('files'), hash_type: z.literal('sha256') }),
    resources: z
      .array(z.object({ name: z.string().min(1), algorithm: z.literal('sha256'), digest: sha256Hex }))
      .min(1)
      .max(MAX_FILES),
  }),
});

/** The sha256 of every file of a version that somebody signed, by its name. */
export type SignedFiles = ReadonlyMap<string, string>;

/** Signs every file but an earlier signature. @returns the bytes of model.sig */
export async function signFiles(files: ArtifactFiles, version: string, key: SigningKey): Promise<Uint8Array> {
  const resources = [...files]
    .filter(([name]) => name !== FILES.signature)
    .map(([name, bytes]) => ({ name, algorithm: 'sha256' as const, digest: sha256(bytes) }))
    // By code units, as OpenSSF's own tool sorts: the root is over the digests in this order.
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const statement = {
    _type: STATEMENT_TYPE,
    subject: [{ name: version, digest: { sha256: rootOf(resources) } }],
    predicateType: PREDICATE_TYPE,
    predicate: {
      serialization: {
        method: 'files',
        hash_type: 'sha256',
        allow_symlinks: false,
        ignore_paths: [FILES.signature],
      },
      resources,
    },
  };
  const payload = new TextEncoder().encode(JSON.stringify(statement));
  const bundle = {
    mediaType: BUNDLE_TYPE,
    verificationMaterial: { publicKey: { hint: key.verification.id }, tlogEntries: [] },
    dsseEnvelope: await signEnvelope(key, STATEMENT_MEDIA_TYPE, payload),
  };
  return new TextEncoder().encode(`${JSON.stringify(bundle)}\n`);
}

/**
 * What a signature vouches for, once it has been verified.
 * @param bytes of model.sig; undefined when there is none
 * @param where names the version: `version 3 in s3://bucket`
 * @throws AppError `corrupt`
 */
export async function openSignature(
  bytes: Uint8Array | undefined,
  keys: VerificationKeys,
  where: string,
): Promise<SignedFiles> {
  const what = `${FILES.signature} of ${where}`;
  if (bytes === undefined)
    throw unusable(where, 'it is not signed by a key that is trusted (MODEL_PUBLIC_KEY)');
  const { verificationMaterial, dsseEnvelope } = parseJson(bundleSchema, bytes, what);
  const { hint } = verificationMaterial.publicKey;
  if (hint && !keys.some(({ id }) => id === hint))
    throw unusable(what, 'it was made with a key that is not trusted (MODEL_PUBLIC_KEY)');
  const payload = await openEnvelope(keys, dsseEnvelope, STATEMENT_MEDIA_TYPE, what);
  const { subject, predicate } = parseJson(statementSchema, payload, what);
  if (rootOf(predicate.resources) !== subject[0].digest.sha256)
    throw unusable(what, 'its digests do not fit its root');
  const signed = new Map(predicate.resources.map(({ name, digest }) => [name, digest]));
  if (signed.size !== predicate.resources.length) throw unusable(what, 'it names a file twice');
  return signed;
}

/** The specification's digest over a whole model: sha256 over the files' digests, one after the other. */
function rootOf(resources: readonly { digest: string }[]): string {
  return sha256(Buffer.concat(resources.map(({ digest }) => Buffer.from(digest, 'hex'))));
}

/** @throws AppError `corrupt` when a file is not one that was signed */
export function checkSigned(signed: SignedFiles, path: string, digest: string, where: string): void {
  const expected = signed.get(path);
  if (expected === digest) return;
  const why = expected === undefined ? 'it is not signed' : 'it is not the one that was signed';
  throw unusable(`${path} of ${where}`, why);
}

/** @throws AppError `corrupt` unless exactly the signed files, and their signature, are there */
export function checkSameNames(signed: SignedFiles, paths: Iterable<string>, where: string): void {
  const there = new Set(paths);
  for (const path of there) {
    if (path !== FILES.signature && !signed.has(path))
      throw unusable(where, `${safeName(path)} is there and is not signed`);
  }
  for (const path of signed.keys()) {
    if (!there.has(path)) throw unusable(where, `${safeName(path)} is signed and is missing`);
  }
}

/** Holds all files of a version against their signature. @throws AppError `corrupt` */
export async function verifySignature(
  files: ArtifactFiles,
  keys: VerificationKeys,
  where: string,
): Promise<void> {
  const signed = await openSignature(files.get(FILES.signature), keys, where);
  checkSameNames(signed, files.keys(), where);
  for (const [path, bytes] of files) {
    if (path !== FILES.signature) checkSigned(signed, path, sha256(bytes), where);
  }
}

/** A name that others chose, for one line of a log. */
function safeName(path: string): string {
  return path.replace(/[^\w./ -]/g, '?').slice(0, 80);
}
