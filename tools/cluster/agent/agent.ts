import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { BRIDGE } from '../addresses.ts';
import type { ApiClient, KubernetesObject } from '../api-client.ts';
import { isRun } from '../images.ts';
import { provideVolumes } from './claimed-volumes.ts';
import type { Container } from './container.ts';
import { removeWhatIsLeft } from './left-behind.ts';
import { pause } from './pause.ts';
import { type Agent, Pod } from './pod.ts';
import { PodAddresses } from './pod-addresses.ts';

export interface AgentOptions {
  api: ApiClient;
  /** For logs, volumes and what else it writes. */
  folder: string;
  /** The folder that .ci/cluster-programs prints. */
  programs: string;
  /** Variables to add to a pod's containers, as the webhook of EKS Pod Identity does. */
  environment?: (pod: KubernetesObject) => Record<string, string>;
}

export interface RunningAgent {
  /** Whose processes run, or have run last, of all pods that there are. */
  containers(): Container[];
  /** Ends all of its processes at once. */
  stop(): Promise<void>;
}

/** Where a kubelet says that it is well. Whoever listens there is the one agent of this network. */
const ONE_AGENT_PORT = 10_248;

/**
 * The kubelet of all Nodes, for pods whose image is run (images.ts): as processes of this machine, each pod in a
 * network namespace of its own. To be run as root, where network.ts made the bridge.
 * @throws when another runs here already
 */
export async function startAgent({
  api,
  folder,
  programs,
  environment = () => ({}),
}: AgentOptions): Promise<RunningAgent> {
  const unlock = await lock();
  mkdirSync(folder, { recursive: true });
  await removeWhatIsLeft();
  const services = new Map<string, KubernetesObject>();
  const keyOf = ({ metadata }: KubernetesObject) => `${metadata.namespace}/${metadata.name}`;
  // Before the first pod: none must start without knowing them.
  for (const service of await api.list('/api/v1/services')) services.set(keyOf(service), service);
  const shared: Agent = {
    ...{ api, folder, programs, environment, services },
    claims: join(folder, 'claims'),
    addresses: new PodAddresses(),
  };
  const pods = new Map<string, Pod>();
  const stopping = new AbortController();

  const take = (object: KubernetesObject) => {
    const { uid = '' } = object.metadata;
    if (!object.spec.nodeName || !isRun(object.spec.containers[0].image)) return;
    const known = pods.get(uid);
    if (known) return known.update(object);
    const pod = new Pod(object, shared);
    // Of the same name, and nobody has heard that it is gone.
    for (const other of pods.values()) if (other.name === pod.name) other.gone();
    pods.set(uid, pod);
  };
  const forget = (uid = '') => {
    const pod = pods.get(uid);
    pod?.gone();
    void pod?.done.finally(() => pods.delete(uid));
  };
  const watching = Promise.all([
    untilStopped('volumes for claims', stopping.signal, () =>
      provideVolumes(api, shared.claims, stopping.signal),
    ),
    each(api, '/api/v1/pods', stopping.signal, (type, object) =>
      type === 'DELETED' ? forget(object.metadata.uid) : take(object),
    ),
    each(api, '/api/v1/services', stopping.signal, (type, object) => {
      if (type === 'DELETED') services.delete(keyOf(object));
      else services.set(keyOf(object), object);
      for (const pod of pods.values()) pod.writeHosts();
    }),
  ]);
  return {
    containers: () => [...pods.values()].flatMap((pod) => pod.containers()),
    stop: async () => {
      stopping.abort();
      await watching;
      for (const pod of pods.values()) pod.gone();
      await Promise.all([...pods.values()].map((pod) => pod.done));
      pods.clear();
      unlock();
    },
  };
}

const each = (
  api: ApiClient,
  path: string,
  signal: AbortSignal,
  tell: (type: string, object: KubernetesObject) => void,
): Promise<void> =>
  untilStopped(path, signal, async () => {
    for await (const { type, object } of api.watch(path, signal)) tell(type, object);
  });

/** Whatever the server refuses for a while, such as before its own roles are there, is asked again. */
async function untilStopped(what: string, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    try {
      await work();
    } catch (error) {
      console.error(`The agent tries again, ${what}: ${error instanceof Error ? error.message : error}`);
      await pause(1_000, signal);
    }
  }
}

/** Two would both run each pod. */
function lock(): Promise<() => void> {
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new Error('Cannot start the agent: another runs in this network. Stop that one first.')
          : error,
      ),
    );
    server.listen(ONE_AGENT_PORT, BRIDGE.address, () => {
      server.unref();
      resolve(() => server.close());
    });
  });
}
