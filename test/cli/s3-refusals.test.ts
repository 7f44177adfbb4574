import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runSavings } from '../support/command.ts';
import { type FaultyServer, startFaultyServer } from '../support/faulty-server.ts';
import { testModelDirectory } from '../support/model.ts';

/** The line that a person reads, whole. */
describe('a command whose S3 server refuses', () => {
  let server: FaultyServer;
  let models: string;
  beforeAll(async () => {
    server = await startFaultyServer();
    models = await testModelDirectory('test-1');
  });
  afterAll(async () => {
    await server.stop();
    await rm(models, { recursive: true, force: true });
  });

  const KEYS = { AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'y' };
  const savings = (args: string[], env: Record<string, string> = {}) =>
    runSavings(args, {
      env: {
        HOME: '/nonexistent',
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_REGION: 'us-east-1',
        AWS_ENDPOINT_URL_S3: server.endpoint,
        ...KEYS,
        ...env,
      },
    });
  const list = (bucket: string, env = {}) => savings(['list', '--store', `s3://${bucket}/m`], env);
  const publish = (bucket: string, env = {}) =>
    savings(['publish', join(models, 'versions/test-1'), '--store', `s3://${bucket}/m`], env);

  test.each([
    [
      'kms-decrypt',
      "access denied; the credentials need kms:Decrypt on the KMS key that encrypts it (in a policy of theirs and in the key's own; the bucket's does not count)",
    ],
    ['region-header', 'the bucket region-header is in the region eu-west-1; set AWS_REGION=eu-west-1'],
    ['expired-token', 'the session token of the credentials is expired or not valid; renew it'],
    [
      'skewed-behind',
      "access denied: this machine's clock is about 20 minutes behind that of S3; set it by a time server (NTP)",
    ],
    [
      'login-redirect',
      'the answer is a redirect (302), which S3 would not give; check AWS_ENDPOINT_URL_S3 and what stands between',
    ],
  ])('list: %s', async (bucket, reason) => {
    expect(await list(bucket)).toEqual({
      code: 1,
      stdout: '',
      stderr: `savings list: Cannot list s3://${bucket}/m/channels/: ${reason}.\n`,
    });
  });

  test.each([
    [
      'no-conditions',
      'this S3 server does not know conditional writes (If-None-Match, If-Match), which publish and promote need; reading works without: write with another S3 server',
    ],
    [
      'no-checksums',
      'this S3 server does not know the checksums that the AWS SDK adds; set AWS_REQUEST_CHECKSUM_CALCULATION=WHEN_REQUIRED',
    ],
    [
      'kms-generate',
      "access denied; the credentials need kms:GenerateDataKey on the KMS key that encrypts it, which a policy denies explicitly (in a policy of theirs and in the key's own; the bucket's does not count)",
    ],
  ])('publish: %s', async (bucket, reason) => {
    const { code, stdout, stderr } = await publish(bucket);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      new RegExp(`^savings publish: Cannot (create|read) s3://${bucket}/m/versions/.*\\n$`),
    );
    expect(stderr).toEndWith(`: ${reason}.\n`);
  });

  test.each([
    [
      'no credentials',
      { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' },
      'no AWS credentials were found; give the process a role or keys',
    ],
    ['an empty region', { AWS_REGION: '' }, 'the AWS region is not one; set AWS_REGION'],
    [
      'a key with a line break',
      { AWS_ACCESS_KEY_ID: 'x\n' },
      'the AWS credentials hold a character that cannot be sent, such as a line break at their end; set them anew',
    ],
    [
      "a role's token that is not there",
      {
        AWS_ACCESS_KEY_ID: '',
        AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/x',
        AWS_WEB_IDENTITY_TOKEN_FILE: '/nonexistent/token',
      },
      'a file with AWS credentials or settings cannot be read (ENOENT); check the AWS_ variables that name files',
    ],
    [
      'nothing that listens',
      { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1' },
      'no answer from S3 (ECONNREFUSED): nothing listens there; check AWS_ENDPOINT_URL_S3 and what stands between',
    ],
    [
      'a name that nobody knows',
      { AWS_ENDPOINT_URL_S3: 'http://s3.invalid' },
      'no answer from S3 (ENOTFOUND): its name is not known; check AWS_ENDPOINT_URL_S3, AWS_REGION and the DNS',
    ],
  ])('list: %s', async (_, env, reason) => {
    expect(await list('bucket', env)).toEqual({
      code: 1,
      stdout: '',
      stderr: `savings list: Cannot list s3://bucket/m/channels/: ${reason}.\n`,
    });
  });

  test('list: https where http is spoken', async () => {
    const plain = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response() });
    const { stderr } = await list('bucket', { AWS_ENDPOINT_URL_S3: `https://127.0.0.1:${plain.port}` });
    await plain.stop(true);
    expect(stderr).toEndWith('it may have to begin with http://.\n');
  });
});
