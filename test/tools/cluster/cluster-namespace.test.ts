import { afterAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../support/server-process.ts';

const isPossible = Bun.spawnSync(['unshare', '--net', '--pid', '--fork', 'true']).exitCode === 0;
const folder = mkdtempSync(join(tmpdir(), 'savings-cluster-namespace-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** As .ci/cluster calls it. */
const CALLER = `.ci/cluster-namespace $$ "$@" <&0 & wait $!`;

function start(command: string) {
  return Bun.spawn(['bash', '-c', CALLER, 'caller', 'bash', '-c', command], {
    cwd: ROOT,
    env: { ...process.env, TMPDIR: folder },
    stdin: Buffer.from('asked'),
    stdout: 'pipe',
    stderr: 'pipe',
  });
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await Bun.sleep(50);
}

describe.skipIf(!isPossible)('.ci/cluster-namespace', () => {
  test("passes the command's input, output and status on, and leaves nothing", async () => {
    const caller = start('cat; echo " $HOME $$"; exit 3');
    expect(await new Response(caller.stdout).text()).toMatch(/^asked \S+\/savings-cluster\.\w{6} 1\n$/);
    expect(await caller.exited).toBe(3);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('keeps the logs of a command that fails', async () => {
    const caller = start(
      'mkdir -p "$TMPDIR/savings-cluster-a/logs"; echo > $TMPDIR/savings-cluster-a/logs/b.log; false',
    );
    expect(await new Response(caller.stderr).text()).toContain('What each program said is in ');
    const [archive, ...others] = readdirSync(folder);
    expect(others).toEqual([]);
    const { stdout } = Bun.spawnSync(['tar', '-tzf', join(folder, archive!)]);
    expect(stdout.toString()).toBe('./logs/b.log\n');
    rmSync(join(folder, archive!));
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const)(
    'is gone after its caller got %s',
    async (signal) => {
      const caller = start('sleep 600 & echo; wait');
      await caller.stdout.getReader().read();
      const inside = () =>
        readdirSync('/proc').filter((name) => {
          try {
            return readFileSync(`/proc/${name}/environ`, 'utf8').includes(
              `TMPDIR=${folder}/savings-cluster.`,
            );
          } catch {
            return false;
          }
        });
      expect(inside().length).toBeGreaterThan(1);
      caller.kill(signal);
      await until(() => inside().length === 0 && readdirSync(folder).length === 0);
    },
  );
});
