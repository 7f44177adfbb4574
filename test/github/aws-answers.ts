import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const SCRIPTS = resolve(import.meta.dir, '../../.github/scripts');

/** What a script says and asks when the AWS command answers so. */
export function withAws(
  script: string,
  args: readonly string[],
  aws: { stdout?: string; stderr?: string; code: number },
) {
  const folder = mkdtempSync(join(tmpdir(), 'savings-aws-'));
  try {
    const { stdout = '', stderr = '', code } = aws;
    const asked = join(folder, 'asked');
    writeFileSync(
      join(folder, 'aws'),
      `#!/bin/sh\nprintf '%s\\n' "$*" >'${asked}'\nprintf '%s' '${stdout}'\nprintf '%s' '${stderr}' >&2\nexit ${code}\n`,
      { mode: 0o755 },
    );
    const { status, ...said } = spawnSync(join(SCRIPTS, script), args, {
      encoding: 'utf8',
      env: { PATH: `${folder}:${process.env.PATH}` },
    });
    return {
      status,
      stdout: said.stdout.trim(),
      stderr: said.stderr,
      asked: existsSync(asked) ? readFileSync(asked, 'utf8') : '',
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
