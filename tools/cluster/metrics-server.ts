import { readFileSync } from 'node:fs';
import { BRIDGE } from './addresses.ts';
import type { Container } from './agent/container.ts';
import type { ApiClient, KubernetesObject } from './api-client.ts';
import { type Usage, usage } from './processes.ts';

const GROUP = 'metrics.k8s.io';
const VERSION = `${GROUP}/v1beta1`;
const PORT = 4443;
const SAMPLE_MS = 5_000;

/** What each container of a pod is to be said to use; undefined: what it really uses. */
export type UsageOverride = (
  pod: KubernetesObject,
) => { cpuMillicores: number; memoryBytes?: number } | undefined;

export interface MetricsServerOptions {
  api: ApiClient;
  containers(): Container[];
  /** Paths of PEM files: the server's own two, and the authority of the API server's aggregation layer. */
  certificate: string;
  key: string;
  clientCa: string;
}

export interface MetricsServer {
  /** Rehearsals of autoscaling say so what pods use. For every pod that is running, whoever runs it. */
  pretend(usage: UsageOverride | undefined): void;
}

/** Answers metrics.k8s.io for `kubectl top` and the autoscaler, from the processes of the containers that are run. */
export async function startMetricsServer(options: MetricsServerOptions): Promise<MetricsServer> {
  const { api, containers } = options;
  const rates = new Rates(containers);
  let pretended: UsageOverride | undefined;

  function podMetrics(pod: KubernetesObject): object[] {
    const { name, namespace, labels, uid } = pod.metadata;
    const said = pretended?.(pod);
    const used = said
      ? pod.spec.containers.map((container: { name: string }) => ({
          name: container.name,
          usage: quantities({ cores: said.cpuMillicores / 1000, memoryBytes: said.memoryBytes ?? 0 }),
        }))
      : rates.ofPod(uid!).map(({ name, rate }) => ({ name, usage: quantities(rate) }));
    if (used.length === 0 || pod.status.phase !== 'Running') return [];
    return [{ kind: 'PodMetrics', ...about(name, labels, namespace), containers: used }];
  }

  const nodeMetrics = ({ metadata: { name, labels } }: KubernetesObject): object[] => [
    { kind: 'NodeMetrics', ...about(name, labels), usage: quantities(rates.ofNode(name)) },
  ];

  /** What is asked of pods and nodes here is asked in the same words of the API server's own. */
  async function answer({ url }: Request): Promise<Response> {
    const { pathname, search } = new URL(url);
    const path = pathname.replace(`/apis/${VERSION}`, '');
    if (path === '' || path === '/') return Response.json(RESOURCES);
    const [, plural, name] = /^(?:\/namespaces\/[^/]+)?\/(pods|nodes)(?:\/([^/]+))?$/.exec(path) ?? [];
    if (plural === undefined) return notFound();
    const metricsOf = plural === 'pods' ? podMetrics : nodeMetrics;
    if (name === undefined) {
      const items = (await api.list(`/api/v1${path}${search}`)).flatMap(metricsOf);
      return Response.json({
        kind: plural === 'pods' ? 'PodMetricsList' : 'NodeMetricsList',
        apiVersion: VERSION,
        metadata: {},
        items,
      });
    }
    const [found] = await api.get(`/api/v1${path}`).then(metricsOf, () => []);
    return found ? Response.json(found) : notFound();
  }

  Bun.serve({
    hostname: BRIDGE.address,
    port: PORT,
    tls: {
      cert: readFileSync(options.certificate, 'utf8'),
      key: readFileSync(options.key, 'utf8'),
      // Nobody but the aggregation layer, which has seen whether the caller may.
      ca: readFileSync(options.clientCa, 'utf8'),
      requestCert: true,
      rejectUnauthorized: true,
    },
    fetch: answer,
  });
  for (const [path, object] of OBJECTS) await api.request('POST', path, object);
  return {
    pretend: (usage) => {
      pretended = usage;
    },
  };
}

interface Rate {
  cores: number;
  memoryBytes: number;
}

interface Sample {
  usage: Usage;
  /** Milliseconds since the epoch. */
  at: number;
}

/** What containers use now: their CPU between the last two looks, or since they began. */
class Rates {
  readonly #containers: () => Container[];
  readonly #samples = new Map<number, { container: Container; last: Sample; before: Sample }>();

  constructor(containers: () => Container[]) {
    this.#containers = containers;
    setInterval(() => this.#sample(), SAMPLE_MS).unref();
  }

  ofPod(uid: string): { name: string; rate: Rate }[] {
    return this.#where((container) => container.podUid === uid);
  }

  ofNode(node: string): Rate {
    return this.#where((container) => container.node === node).reduce(
      (sum, { rate }) => ({
        cores: sum.cores + rate.cores,
        memoryBytes: sum.memoryBytes + rate.memoryBytes,
      }),
      { cores: 0, memoryBytes: 0 },
    );
  }

  #where(chosen: (container: Container) => boolean): { name: string; rate: Rate }[] {
    return [...this.#samples.values()]
      .filter(({ container }) => chosen(container))
      .map(({ container: { name }, last, before }) => ({
        name,
        rate: {
          cores:
            (1000 * (last.usage.cpuSeconds - before.usage.cpuSeconds)) / Math.max(1, last.at - before.at),
          memoryBytes: last.usage.memoryBytes,
        },
      }));
  }

  #sample(): void {
    const containers = this.#containers();
    const pids = new Set(containers.map(({ pid }) => pid));
    for (const pid of this.#samples.keys()) if (!pids.has(pid)) this.#samples.delete(pid);
    for (const container of containers) {
      const now = usage(container.pid);
      if (!now) continue;
      const beginning = { usage: { cpuSeconds: 0, memoryBytes: 0 }, at: container.startedAt };
      const before = this.#samples.get(container.pid)?.last ?? beginning;
      this.#samples.set(container.pid, { container, last: { usage: now, at: Date.now() }, before });
    }
  }
}

const quantities = ({ cores, memoryBytes }: Rate) => ({
  cpu: `${Math.round(cores * 1e9)}n`,
  memory: `${Math.round(memoryBytes / 1024)}Ki`,
});

const about = (name: string, labels: Record<string, string> = {}, namespace?: string) => ({
  apiVersion: VERSION,
  metadata: { name, labels, ...(namespace && { namespace }) },
  timestamp: new Date().toISOString(),
  window: `${SAMPLE_MS / 1000}s`,
});

const notFound = () =>
  Response.json(
    { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', code: 404 },
    { status: 404 },
  );

const RESOURCES = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: VERSION,
  resources: [
    { name: 'nodes', singularName: '', namespaced: false, kind: 'NodeMetrics', verbs: ['get', 'list'] },
    { name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics', verbs: ['get', 'list'] },
  ],
};

/** What leads the API server here: the group's service, whose only endpoint is on the bridge. */
const name = 'metrics-server';
const namespace = 'kube-system';
const OBJECTS: [path: string, object: object][] = [
  [
    `/api/v1/namespaces/${namespace}/services`,
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace },
      spec: { ports: [{ name: 'https', port: 443, targetPort: PORT }] },
    },
  ],
  [
    `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`,
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name, namespace, labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      ports: [{ name: 'https', port: PORT, protocol: 'TCP' }],
      endpoints: [{ addresses: [BRIDGE.address], conditions: { ready: true } }],
    },
  ],
  [
    '/apis/apiregistration.k8s.io/v1/apiservices',
    {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: `v1beta1.${GROUP}` },
      // As metrics-server's own manifest has it.
      spec: {
        group: GROUP,
        version: 'v1beta1',
        service: { name, namespace },
        insecureSkipTLSVerify: true,
        groupPriorityMinimum: 100,
        versionPriority: 100,
      },
    },
  ],
];
