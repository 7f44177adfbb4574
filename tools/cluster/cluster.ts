import { mkdtempSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { s3Server } from '../../test/support/s3-server.ts';
import { BRIDGE, nodeAddress, S3_PORT } from './addresses.ts';
import { startAgent } from './agent/agent.ts';
import type { Container } from './agent/container.ts';
import type { ApiClient, KubernetesObject } from './api-client.ts';
import { clearObjects } from './clear.ts';
import { startControlPlane } from './control-plane.ts';
import { giveAddresses } from './load-balancer.ts';
import { startMetricsServer, type UsageOverride } from './metrics-server.ts';
import { MOST_NODES, makeNetwork } from './network.ts';
import { startNodeServer } from './node-server.ts';
import { setNodes } from './nodes.ts';

const ROOT = join(import.meta.dirname, '../..');

/** How a command ended. */
export interface Ended {
  status: number;
  stdout: string;
  stderr: string;
}

/** Those that the manifests of eks/ give rights to, and the administrator. */
export type User = 'admin' | 'deployer' | 'on-call';

export interface CommandOptions {
  /** Whose name and groups the API server knows them by; the administrator where it is left out. */
  as?: User;
  env?: Record<string, string>;
  cwd?: string;
  input?: string;
}

/** A control plane with Nodes on which this checkout's program runs. */
export interface Cluster {
  /** A folder of its own, which goes with it; logs of the control plane are in `logs/`. */
  readonly folder: string;
  /** As the administrator. */
  readonly api: ApiClient;
  /** A kubeconfig with one context, `savings-prod`. */
  kubeconfig(user: User): string;
  /** With kubectl and the cluster's other programs on its PATH, and KUBECONFIG. */
  run(command: string[], options?: CommandOptions): Promise<Ended>;
  kubectl(args: string[], options?: CommandOptions): Promise<Ended>;
  /** What pods are given as S3. `env` is what AWS's SDK and the CLI of `savings` need to reach it, with MODEL_BUCKET. */
  readonly s3: { endpoint: string; bucket: string; env: Record<string, string> };
  /** Those whose processes run, or have run last. */
  containers(): Container[];
  /** As all Nodes would restart at once: every process of a pod ends, and begins anew where its pod says so. */
  restartAgent(): Promise<void>;
  /** Copies a version's folder into the bucket, and puts channels on it. */
  publish(folder: string, channels: string[]): Promise<void>;
  /** Asks until it is so. @throws with `what` when it is not within so many seconds (60) */
  until(what: string, isSo: () => Promise<boolean>, seconds?: number): Promise<void>;
  /** What metrics-server is to say that pods use, in place of what they do; until `clear`. */
  pretendUsage(usage: UsageOverride | undefined): void;
  /** Takes away every object that is not Kubernetes' own, and makes the Nodes anew. */
  clear(): Promise<void>;
}

/**
 * Within a network and a PID namespace of its own (.ci/cluster), with which it ends.
 * @param programs the folder that .ci/cluster-programs prints
 */
export async function startCluster(programs: string): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'savings-cluster-'));
  makeNetwork();
  const [{ certificates, api: admin, kubeconfig, daemons }, s3] = await Promise.all([
    startControlPlane(programs, folder),
    startS3(),
  ]);
  await setNodes(admin);
  void giveAddresses(admin);
  const associated = associatedAccounts();
  const agentOptions = {
    api: admin,
    folder: join(folder, 'pods'),
    programs,
    // As the webhook of EKS Pod Identity does. In any namespace: rehearsals use several.
    environment: ({ spec }: KubernetesObject) =>
      associated.includes(spec.serviceAccountName ?? '') ? s3.credentials : {},
  };
  let agent = await startAgent(agentOptions);
  startNodeServer({
    api: admin,
    nodes: Array.from({ length: MOST_NODES }, (_, i) => ({
      name: `node-${i + 1}`,
      address: nodeAddress(i + 1),
    })),
    containers: () => agent.containers(),
    ...certificates.node,
    clientCa: certificates.nodesClientAuthority.certificate,
  });
  const metricsServer = await startMetricsServer({
    api: admin,
    containers: () => agent.containers(),
    ...certificates.node,
    clientCa: certificates.frontProxyAuthority.certificate,
  });

  const run = async (command: string[], { as = 'admin', env, cwd = ROOT, input }: CommandOptions = {}) => {
    const child = Bun.spawn(command, {
      cwd,
      env: { ...process.env, PATH: `${programs}:${process.env.PATH}`, KUBECONFIG: kubeconfig(as), ...env },
      stdin: input === undefined ? 'ignore' : Buffer.from(input),
      stdout: 'pipe',
      stderr: 'pipe',
    });
    const [stdout, stderr, status] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    return { status, stdout, stderr };
  };
  const savingsEnv = { ...s3.credentials, MODEL_BUCKET: s3.bucket };
  const savings = async (...args: string[]) => {
    const command = [process.execPath, 'src/main.ts', ...args];
    const { status, stderr } = await run(command, { env: savingsEnv });
    if (status !== 0) throw new Error(`savings ${args[0]}: ${stderr}`);
  };
  return {
    folder,
    api: admin,
    kubeconfig,
    run,
    kubectl: (args, options) => run(['kubectl', ...args], options),
    s3: { ...s3, env: savingsEnv },
    containers: () => agent.containers(),
    restartAgent: async () => {
      await agent.stop();
      agent = await startAgent(agentOptions);
    },
    publish: async (version, channels) => {
      await savings('publish', version);
      for (const channel of channels) {
        const gate = channel.startsWith('prod') ? ['--no-gate', 'a rehearsal'] : [];
        const name = version.split('/').pop()!;
        await savings('promote', name, '--channel', channel, '--reason', 'a rehearsal', ...gate);
      }
    },
    until: async (what, isSo, seconds = 60) => {
      const end = performance.now() + 1_000 * seconds;
      while (!(await isSo())) {
        daemons.check();
        if (performance.now() > end) throw new Error(`Not within ${seconds} s: ${what}`);
        await Bun.sleep(100);
      }
    },
    pretendUsage: metricsServer.pretend,
    clear: async () => {
      metricsServer.pretend(undefined);
      await clearObjects(admin);
      await setNodes(admin);
    },
  };
}

/** Service accounts that have a role of AWS. */
function associatedAccounts(): string[] {
  const { iam } = parse(readFileSync(join(ROOT, 'eks/cluster-prod.yaml'), 'utf8'));
  return iam.podIdentityAssociations.map(
    ({ serviceAccountName }: { serviceAccountName: string }) => serviceAccountName,
  );
}

/** Debian's radosgw, which listens on loopback, for pods too. */
async function startS3() {
  const { endpoint, region, credentials, newBucket } = await s3Server();
  const bucket = await newBucket();
  const port = Number(new URL(endpoint).port);
  const forward = createServer((inside) => {
    const outside = connect(port, '127.0.0.1');
    for (const [from, to] of [
      [inside, outside],
      [outside, inside],
    ] as const) {
      from.pipe(to);
      from.on('error', () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => forward.listen(S3_PORT, BRIDGE.address, resolve));
  forward.unref();
  const address = `http://${BRIDGE.address}:${S3_PORT}`;
  return {
    endpoint: address,
    bucket,
    credentials: {
      AWS_ENDPOINT_URL_S3: address,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
  };
}
