import { describe, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SCRIPT = join(import.meta.dir, '../../.github/scripts/find-image.sh');

/** The script's answer when the AWS command answers so. */
function findImage(aws: { stdout?: string; stderr?: string; code: number }) {
  const folder = mkdtempSync(join(tmpdir(), 'savings-aws-'));
  try {
    const { stdout = '', stderr = '', code } = aws;
    writeFileSync(
      join(folder, 'aws'),
      `#!/bin/sh\nprintf '%s\\n' "$*" >'${folder}/asked'\nprintf '%s' '${stdout}'\nprintf '%s' '${stderr}' >&2\nexit ${code}\n`,
      { mode: 0o755 },
    );
    const { status, ...output } = spawnSync(SCRIPT, ['savings', 'c0ffee'], {
      encoding: 'utf8',
      env: { PATH: `${folder}:${process.env.PATH}` },
    });
    return { status, stdout: output.stdout.trim(), stderr: output.stderr };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('find-image.sh', () => {
  test('prints the digest of an image that is there', () => {
    expect(findImage({ stdout: 'sha256:1234', code: 0 })).toEqual({
      status: 0,
      stdout: 'sha256:1234',
      stderr: '',
    });
  });

  test('prints nothing for one that is not', () => {
    const stderr = 'An error occurred (ImageNotFoundException) when calling the DescribeImages operation';
    expect(findImage({ stderr, code: 254 })).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  test('does not take being refused for there being none', () => {
    const stderr = 'An error occurred (AccessDeniedException) when calling the DescribeImages operation';
    const { status, stdout, stderr: said } = findImage({ stderr, code: 254 });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(said).toContain('AccessDeniedException');
  });
});
