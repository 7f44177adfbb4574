/**
 * A server that changes its model again and again while it is asked: no request may fail, and the memory of models
 * that are gone must come back. How long responses take during a refresh and without one stands side by side. Too long
 * for every run of the tests:
 *
 *   bun tools/soak.ts [refreshes=200] [trees=100]
 *
 * It exits with 1 when a bound is passed.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DirectoryStore } from '../src/store/directory/directory.ts';
import { promote } from '../src/store/promotion.ts';
import { Registry } from '../src/store/registry.ts';
import { trainSampleModel } from '../src/training/sample.ts';
import { HOUSEHOLD } from '../test/support/app.ts';
import { startServer } from '../test/support/server-process.ts';

const refreshes = Number(process.argv[2] ?? 200);
const trees = Number(process.argv[3] ?? 100);
/** What the process may grow by from the 20th refresh to the last: far less than one more model a refresh. */
const GROWTH_MIB = 64;
const WARM_UP = 20;

const root = await mkdtemp(join(tmpdir(), 'savings-soak-'));
const registry = new Registry(new DirectoryStore(root));
const versions = ['soak-1', 'soak-2'];
for (const [i, version] of versions.entries()) {
  const { files } = await trainSampleModel({
    rows: 6_000,
    freshRows: 2_000,
    version,
    forest: { trees, seed: i },
  });
  await registry.publishVersion(files);
}
const promoteTo = (version: string) =>
  promote(registry, version, {
    channel: 'prod',
    reason: 'soak',
    now: new Date(),
    verify: async () => (await registry.readManifest(version)).sha256,
  });
await promoteTo(versions[0]);
const server = await startServer({ MODEL_DIR: root, MODEL_REFRESH_SECONDS: '0' });
await server.ready();

const rssMiB = async () =>
  Number(/VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${server.pid}/status`, 'utf8'))?.[1]) / 1024;

let going = true;
let refreshing = false;
const latencies = { quiet: [] as number[], refreshing: [] as number[] };
const failures: unknown[] = [];
const served = new Map<string, number>();
async function client() {
  while (going) {
    const began = performance.now();
    const during = refreshing;
    try {
      const response = await fetch(`${server.url}/api/v1/predict`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ inputs: HOUSEHOLD }),
      });
      const { model } = await response.json();
      if (response.status !== 200) failures.push(response.status);
      served.set(model.version, (served.get(model.version) ?? 0) + 1);
    } catch (error) {
      failures.push(error);
    }
    latencies[during ? 'refreshing' : 'quiet'].push(performance.now() - began);
    await Bun.sleep(2);
  }
}
const clients = Array.from({ length: 2 }, client);
let warm = 0;
for (let i = 1; i <= refreshes; i++) {
  const version = versions[i % 2];
  await promoteTo(version);
  refreshing = true;
  server.kill('SIGHUP');
  await server.live(version);
  refreshing = false;
  if (i === Math.min(WARM_UP, refreshes - 1)) warm = await rssMiB();
  await Bun.sleep(20);
}
going = false;
await Promise.all(clients);
const last = await rssMiB();
server.kill('SIGKILL');
await server.exited;
await rm(root, { recursive: true, force: true });

const at = (values: number[], share: number) => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
};
const ms = (value: number) => `${value.toFixed(1)} ms`;
for (const [name, values] of Object.entries(latencies)) {
  console.log(
    `${name.padEnd(10)} ${values.length} requests: median ${ms(at(values, 0.5))}, 99 % ${ms(at(values, 0.99))}, longest ${ms(at(values, 1))}`,
  );
}
console.log(`served     ${[...served].map(([version, count]) => `${version} ${count}`).join(', ')}`);
console.log(
  `memory     ${warm.toFixed(0)} MiB after ${WARM_UP} refreshes, ${last.toFixed(0)} MiB after ${refreshes}`,
);

const faults = [
  failures.length > 0 && `${failures.length} requests failed, the first with ${failures[0]}`,
  last - warm > GROWTH_MIB && `memory grew by more than ${GROWTH_MIB} MiB`,
].filter((fault) => fault !== false);
for (const fault of faults) console.error(`FAILED: ${fault}`);
process.exit(faults.length > 0 ? 1 : 0);
