/**
 * Holds the cluster of `bun run cluster`: it lasts as long as this process, which listens on loopback for it. SIGTERM
 * ends both.
 * usage: hold.ts FOLDER VERSION
 */
import { spawn } from 'node:child_process';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { READY } from './ready.ts';

const ROOT = join(import.meta.dirname, '../..');
const [folder, version] = process.argv.slice(2) as [string, string];

const inside = spawn(
  join(ROOT, '.ci/cluster'),
  ['run', process.execPath, join(import.meta.dirname, 'inside.ts'), folder, version],
  { stdio: ['pipe', 'pipe', 'inherit'] },
);
inside.once('exit', (code) => process.exit(code ?? 1));
let hasBegun = false;
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
  process.on(signal, () => {
    inside.stdin.end();
    // Its programs are still being built, which nobody has to wait for.
    if (!hasBegun) inside.kill();
  });

for await (const line of createInterface({ input: inside.stdout })) {
  hasBegun = true;
  console.log(line);
  if (line !== READY) continue;
  const ports = {
    page: await listen('page', 8080),
    prometheus: await listen('prometheus', 9090),
    kubernetes: await listen('kubernetes', 6443),
  };
  const kubeconfig = join(folder, 'kubeconfig');
  const config = readFileSync(kubeconfig, 'utf8');
  writeFileSync(kubeconfig, config.replace(/https:\/\/[\d.:]+/, `https://127.0.0.1:${ports.kubernetes}`));
  // Whole, or not at all: it says that all is ready.
  writeFileSync(join(folder, 'ports.new'), JSON.stringify(ports));
  renameSync(join(folder, 'ports.new'), join(folder, 'ports.json'));
}

/** @returns the port: that one, or another where it is taken */
async function listen(name: string, port: number): Promise<number> {
  const server = createServer((client) => {
    const cluster = connect(join(folder, `${name}.socket`));
    client.pipe(cluster).pipe(client);
    client.on('error', () => cluster.destroy());
    cluster.on('error', () => client.destroy());
  });
  const on = (at: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(at, '127.0.0.1', resolve);
    });
  await on(port).catch(() => on(0));
  return (server.address() as { port: number }).port;
}
