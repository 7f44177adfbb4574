import { expect, test } from 'bun:test';
import { spawn } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { freePort } from '../support/free-port.ts';
import { testModelDirectory } from '../support/model.ts';
import { requireTool } from '../support/require-tool.ts';
import { ROOT } from '../support/server-process.ts';

const leftBehind = () => readdirSync(tmpdir()).filter((name) => name.startsWith('savings-observe-'));

test.skipIf(!requireTool('prometheus') || !requireTool('prometheus-node-exporter'))(
  'bun run observe: Prometheus scrapes the server, and all of it ends together',
  async () => {
    const before = leftBehind();
    const [server, metrics, prometheus, nodeExporter] = await Promise.all(
      Array.from({ length: 4 }, freePort),
    );
    const models = await testModelDirectory();
    const child = spawn(process.execPath, ['run', 'observe'], {
      cwd: ROOT,
      env: {
        ...process.env,
        MODEL_DIR: models,
        PORT: String(server),
        METRICS_PORT: String(metrics),
        PROMETHEUS_PORT: String(prometheus),
        NODE_EXPORTER_PORT: String(nodeExporter),
      },
      stdio: ['ignore', 'pipe', 'ignore'],
      // Ctrl-C on a terminal reaches them all at once.
      detached: true,
    });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));

    const url = `http://127.0.0.1:${prometheus}/api/v1/query?query=${encodeURIComponent('up == 1')}`;
    const up = async (): Promise<string[]> => {
      const { data } = (await (await fetch(url)).json()) as {
        data: { result: { metric: { job: string } }[] };
      };
      return data.result.map(({ metric }) => metric.job).sort();
    };
    let jobs: string[] = [];
    for (let i = 0; i < 100 && jobs.length < 3; i++) {
      await Bun.sleep(200);
      jobs = await up().catch(() => []);
    }
    process.kill(-child.pid!, 'SIGINT');
    await exited;
    // `bun run` itself goes at once; what it ran ends its children, then tidies up, then goes.
    for (let i = 0; i < 100 && leftBehind().length > before.length; i++) await Bun.sleep(100);
    rmSync(models, { recursive: true });

    expect(jobs).toEqual(['node', 'prometheus', 'savings']);
    expect(said).toContain(`http://localhost:${server}\n`);
    expect(said).toContain(`http://localhost:${prometheus}/alerts\n`);
    expect(leftBehind()).toEqual(before);
    for (const port of [server, prometheus, nodeExporter]) {
      await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
    }
  },
  40_000,
);
