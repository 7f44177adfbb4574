import { describe, expect, test } from 'bun:test';
import { withAws } from './aws-answers.ts';

/** As buildx pushes it: with each image an attestation, whose platform nobody has. */
const INDEX = JSON.stringify({
  manifests: [
    { digest: 'sha256:a', platform: { os: 'linux', architecture: 'amd64' } },
    { digest: 'sha256:b', platform: { os: 'linux', architecture: 'arm64' } },
    { digest: 'sha256:c', platform: { os: 'unknown', architecture: 'unknown' } },
    { digest: 'sha256:d', platform: { os: 'windows', architecture: 'riscv64' } },
  ],
});

const platformDigest = (architecture: string, aws: Parameters<typeof withAws>[2]) =>
  withAws('platform-digest.sh', ['savings', 'sha256:1234', architecture], aws);

describe('platform-digest.sh', () => {
  test.each([
    ['amd64', 'sha256:a'],
    ['arm64', 'sha256:b'],
  ])('prints the digest of the image for %s', (architecture, digest) => {
    const { asked, ...answer } = platformDigest(architecture, { stdout: INDEX, code: 0 });
    expect(answer).toEqual({ status: 0, stdout: digest, stderr: '' });
    expect(asked).toContain('--repository-name savings --image-ids imageDigest=sha256:1234 ');
  });

  test('refuses an index without that platform, and names it', () => {
    const { status, stdout, stderr } = platformDigest('riscv64', { stdout: INDEX, code: 0 });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain(
      'Cannot find savings@sha256:1234 for riscv64: the index names no such platform.',
    );
  });

  test('fails when ECR refuses, and lets its reason be seen', () => {
    const stderr = 'An error occurred (AccessDeniedException) when calling the BatchGetImage operation';
    expect(platformDigest('amd64', { stderr, code: 254 })).toMatchObject({ status: 254, stdout: '', stderr });
  });

  // 'None' is what the AWS command prints for the first image of none.
  test('refuses a digest under which ECR has no index', () => {
    const { status, stdout, stderr } = platformDigest('amd64', { stdout: 'None', code: 0 });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toStartWith(
      'Cannot find savings@sha256:1234 for amd64: ECR has no index under this digest.',
    );
  });
});
