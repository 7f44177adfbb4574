/**
 * The inner half of `bun run cluster`: within the cluster's namespaces, the cluster with the overlay dev and the
 * monitoring in it. Prints a line when all is ready, and is over when its standard input is.
 * usage: inside.ts FOLDER VERSION      a folder for its sockets; a model's folder
 */
import { chmodSync, chownSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { KustomizeCopy } from '../../test/cluster/support/kustomize-copy.ts';
import { API_SERVER } from './addresses.ts';
import { startCluster } from './cluster.ts';
import { IMAGES } from './images.ts';
import { READY } from './ready.ts';

const [folder, version] = process.argv.slice(2) as [string, string];
const say = (line: string) => process.stdout.write(`${line}\n`);
process.stdin.resume().once('end', () => process.exit());

const cluster = await startCluster(process.env.CLUSTER_PROGRAMS!);
say('The control plane runs');
await cluster.publish(version, ['dev']);
const copy = new KustomizeCopy();
copy.setImage('dev', IMAGES.good);
copy.set('overlays/dev/savings.env', { MODEL_BUCKET: cluster.s3.bucket });
await apply('overlays/dev');
await apply('monitoring');
for (const [namespace, of] of [
  ['default', 'deployment/savings'],
  ['monitoring', 'statefulset/prometheus'],
] as const)
  await must('rollout', 'status', of, '--namespace', namespace, '--timeout=120s');

const addressOf = async (namespace: string, name: string, jsonpath: string) =>
  (await must('get', 'service', name, '--namespace', namespace, '--output', `jsonpath={${jsonpath}}`)).trim();
await cluster.until(
  'the Service has an address',
  async () => (await addressOf('default', 'savings', '.status.loadBalancer.ingress[0].ip')) !== '',
);
await forward('page', await addressOf('default', 'savings', '.status.loadBalancer.ingress[0].ip'), 80);
await forward('prometheus', await addressOf('monitoring', 'prometheus', '.spec.clusterIP'), 9090);
await forward('kubernetes', API_SERVER.host, API_SERVER.port);
const kubeconfig = join(folder, 'kubeconfig');
// With the administrator's certificate and key in it, and nobody else's.
writeFileSync(kubeconfig, await must('config', 'view', '--raw', '--flatten'), { mode: 0o600 });
// This is root, the folder is the person's.
const person = statSync(folder);
chownSync(kubeconfig, person.uid, person.gid);
say(READY);

async function must(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await cluster.kubectl(args);
  if (status === 0) return stdout;
  const pods = await cluster.kubectl(['get', 'pods', '--all-namespaces']);
  say(`Cannot do 'kubectl ${args.join(' ')}': ${stderr}${pods.stdout}`);
  process.exit(1);
}

async function apply(root: string): Promise<void> {
  await must('apply', '-k', copy.path(root));
  say(`Applied kustomize/${root}`);
}

/** Files are the same in and out of the namespaces, addresses are not: so a socket that is a file leads in. */
function forward(name: string, host: string, port: number): Promise<void> {
  const path = join(folder, `${name}.socket`);
  const server = createServer((outside) => {
    const inside = connect(port, host);
    outside.pipe(inside).pipe(outside);
    outside.on('error', () => inside.destroy());
    inside.on('error', () => outside.destroy());
  });
  return new Promise((resolve) => {
    server.listen(path, () => {
      // The folder is its owner's alone.
      chmodSync(path, 0o666);
      resolve();
    });
  });
}
