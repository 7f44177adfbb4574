import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { S3Store } from '../../../src/store/s3/s3.ts';
import { refusalReason } from '../../../src/store/s3/s3-refusal.ts';
import { failure } from '../../support/failure.ts';
import { type FaultyServer, startFaultyServer } from '../../support/faulty-server.ts';
import { REFUSALS, type RefusalName } from '../../support/s3-refusals.ts';

const ATTEMPTS = 2;
const limits = { maxBytes: 1 << 20, timeoutMs: 20_000 };

describe('what an S3 server refuses, in the words of what to do', () => {
  let server: FaultyServer;
  beforeAll(async () => {
    server = await startFaultyServer();
  });
  afterAll(() => server.stop());

  const store = (bucket: string) =>
    new S3Store({
      bucket,
      region: 'us-east-1',
      credentials: { accessKeyId: 'x', secretAccessKey: 'y' },
      endpoint: server.endpoint,
      limits: { attempts: ATTEMPTS },
    });
  const work = {
    get: (bucket: string) => store(bucket).get('key', limits),
    put: (bucket: string) => store(bucket).putIfAbsent('key', new Uint8Array(3)),
    list: (bucket: string) => store(bucket).list(''),
  };
  type Operation = keyof typeof work;
  const ALL: Operation[] = ['get', 'put', 'list'];

  const EXPIRED = 'the session token of the credentials is expired or not valid; renew it';
  const NOT_S3 = 'the answer is not one of S3';
  const NO_CONDITIONS =
    'this S3 server does not know conditional writes (If-None-Match, If-Match), which publish and promote need; reading works without';
  const NO_CHECKSUMS =
    'this S3 server does not know the checksums that the AWS SDK adds; set AWS_REQUEST_CHECKSUM_CALCULATION=WHEN_REQUIRED';
  const cases: [RefusalName, Operation[], string, tries?: number][] = [
    [
      'kms-decrypt',
      ALL,
      'access denied; the credentials need kms:Decrypt on the KMS key that encrypts it (in a policy',
    ],
    [
      'kms-generate',
      ['put'],
      'kms:GenerateDataKey on the KMS key that encrypts it, which a policy denies explicitly (',
    ],
    ['kms-disabled', ALL, 'the KMS key cannot be used (KMS.DisabledException); look at the state of the key'],
    [
      'sts-denied',
      ALL,
      'the role of the credentials must allow sts:AssumeRoleWithWebIdentity to this process',
    ],
    ['explicit-deny', ['list'], 'the credentials need s3:ListBucket on it, which a policy denies explicitly'],
    [
      'no-list-right',
      ['get'],
      'it seems not to exist, which S3 says only to credentials with s3:ListBucket on the bucket',
    ],
    ['no-list-right', ['list'], 'access denied; the credentials need s3:ListBucket on it'],
    ['archived', ['get'], 'it is archived; restore it first'],
    ['over-quota', ['put'], 'the quota of the bucket or of its owner is used up'],
    ['all-disabled', ALL, 'access denied: all access to it is switched off'],
    ['no-conditions', ['put'], NO_CONDITIONS],
    ['no-checksums', ['put'], NO_CHECKSUMS],
    ['unsupported-checksum', ['put'], NO_CHECKSUMS],
    ['no-trailers', ['put'], NO_CHECKSUMS],
    ['checksum-missing', ['put'], 'the bucket asks for a checksum; unset AWS_REQUEST_CHECKSUM_CALCULATION'],
    [
      'not-implemented',
      ['put'],
      'this S3 server does not know a part of the request (501): either the checksums',
    ],
    ['not-implemented', ['get', 'list'], 'this S3 server does not know the request (501); use another'],
    ['not-implemented-text', ALL, 'this S3 server does not know'],
    ['expired-token', ALL, EXPIRED],
    ['expired-sts', ALL, EXPIRED],
    ['refresh-token', ALL, EXPIRED],
    ['invalid-token', ALL, EXPIRED],
    ['region-header', ALL, 'the bucket region-header is in the region eu-west-1; set AWS_REGION=eu-west-1'],
    ['region-endpoint', ALL, 'is in the region ap-south-1; set AWS_REGION=ap-south-1'],
    ['region-old-endpoint', ALL, 'is in the region us-west-2; set AWS_REGION=us-west-2'],
    ['region-untold', ALL, 'the bucket region-untold is in another region; set AWS_REGION to its region'],
    ['region-hostile', ALL, 'the bucket region-hostile is in another region; set AWS_REGION to its region'],
    ['region-in-error', ALL, 'is in the region eu-central-1; set AWS_REGION=eu-central-1'],
    ['region-without-body', ALL, 'is in the region sa-east-1; set AWS_REGION=sa-east-1'],
    ['region-location', ALL, 'is in the region eu-north-1; set AWS_REGION=eu-north-1'],
    ['temporary-redirect', ALL, 'was made a moment ago, or is in another region; wait, or set AWS_REGION'],
    ['malformed-signature', ALL, 'S3 cannot read the signature; check AWS_REGION and the access key id'],
    [
      'login-redirect',
      ALL,
      'the answer is a redirect (302), which S3 would not give; check AWS_ENDPOINT_URL_S3',
    ],
    ['https-redirect', ALL, 'the answer is a redirect (301) to an https address; check AWS_ENDPOINT_URL_S3'],
    ['login-page', ALL, `${NOT_S3}; check AWS_ENDPOINT_URL_S3 and what stands between`],
    ['forbidden-page', ALL, `${NOT_S3} (it was a web page, with 403); check AWS_ENDPOINT_URL_S3`],
    ['gateway-page', ALL, `${NOT_S3} (it was a web page, with 502); check AWS_ENDPOINT_URL_S3`, ATTEMPTS],
    ['unknown-key', ALL, 'access denied: this S3 does not know the access key id'],
    ['wrong-secret', ALL, 'access denied: the secret access key is not the one of this access key id'],
    [
      'slow-down',
      ALL,
      'S3 answered 503 (SlowDown), also when asked again: it wants fewer requests',
      ATTEMPTS,
    ],
    ['throttled', ALL, 'S3 answered 400 (ThrottlingException), also when asked again', ATTEMPTS],
    ['hostile-code', ALL, 'S3 answered 400'],
    ['two-codes', ALL, 'S3 answered 400'],
    ['inherited-code', ALL, 'S3 answered 400 (constructor)'],
  ];

  test('every refusal is held against what is said of it', () => {
    const covered = new Set<string>(cases.map(([name]) => name));
    expect(Object.keys(REFUSALS).filter((name) => !covered.has(name))).toEqual(['no-bucket']);
  });

  test.each(cases)('%s, on %p: %s', async (name, operations, reason, tries = 1) => {
    for (const operation of operations) {
      const before = server.requests(name);
      const message = await failure(work[operation](name), 'unavailable');
      expect(message).toContain(reason);
      expect(message).toMatch(/^Cannot (read|create|list) s3:\/\/[ -~]+$/);
      // Nothing of the server's own text comes out.
      expect(message).not.toMatch(/AKIASECRET|arn:aws|script|login\.example|rm -rf/);
      expect(server.requests(name) - before).toBe(tries);
    }
  });

  test('only whoever reads one thing is told that it may not exist', async () => {
    const hint = 'without it, S3 answers this for what does not exist';
    const denied = { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } };
    const said = ['s3:GetObject', 's3:PutObject', 's3:ListBucket'].map((permission) =>
      refusalReason({ what: 'do it', bucket: 'b', permission }, denied, 403).includes(hint),
    );
    expect(said).toEqual([true, false, false]);
  });

  test.each(ALL)('no bucket, on %s', async (operation) => {
    expect(await failure(work[operation]('no-bucket'), 'not_found')).toContain(
      'the bucket no-bucket does not exist; check MODEL_BUCKET and the region',
    );
  });

  test.each([
    ['skewed-behind', "this machine's clock is about 20 minutes behind that of S3; set it by a time server"],
    ['skewed-ahead', "this machine's clock is about 3 hours ahead of that of S3; set it by a time server"],
    ['skewed-untold', "this machine's clock and that of S3 differ; set both by a time server (NTP)"],
  ])('%s: says by how much the clocks differ, and does not ask for ever', async (name, reason) => {
    for (const operation of ALL) {
      const before = server.requests(name);
      expect(await failure(work[operation](name), 'unavailable')).toContain(`access denied: ${reason}`);
      expect(server.requests(name) - before).toBeLessThanOrEqual(ATTEMPTS);
    }
  });
});
