import { describe, expect, test } from 'bun:test';
import { withAws } from './aws-answers.ts';

const findImage = (aws: Parameters<typeof withAws>[2]) =>
  withAws('find-image.sh', ['savings', 'c0ffee'], aws);

describe('find-image.sh', () => {
  test('prints the digest of an image that is there', () => {
    expect(findImage({ stdout: 'sha256:1234', code: 0 })).toMatchObject({
      status: 0,
      stdout: 'sha256:1234',
      stderr: '',
    });
  });

  test('prints nothing for one that is not', () => {
    const stderr = 'An error occurred (ImageNotFoundException) when calling the DescribeImages operation';
    expect(findImage({ stderr, code: 254 })).toMatchObject({ status: 0, stdout: '', stderr: '' });
  });

  test('does not take being refused for there being none', () => {
    const stderr = 'An error occurred (AccessDeniedException) when calling the DescribeImages operation';
    const { status, stdout, stderr: said } = findImage({ stderr, code: 254 });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(said).toContain('AccessDeniedException');
  });
});
