import type { Cluster } from '../../../tools/cluster/cluster.ts';
import type { Series } from '../../monitoring/prometheus-server.ts';
import { kubectl } from './kubectl.ts';

export const MONITORING = 'monitoring';

/** What Prometheus scrapes, or tries to: job, Node, namespace and pod, as far as it says them of it. */
export type Target = [job: string, node: string, namespace: string, pod: string];

interface ActiveTarget {
  labels: Record<string, string>;
  health: string;
  lastError: string;
}

/** Where a Service is reached, by kube-proxy. */
export const clusterIp = (k8s: Cluster, namespace: string, name: string) =>
  kubectl(k8s, ['get', 'service', name, `--namespace=${namespace}`, '--output=jsonpath={.spec.clusterIP}']);

/** The Prometheus of kustomize/monitoring. */
export class ClusterPrometheus {
  readonly #server: string;

  private constructor(server: string) {
    this.#server = server;
  }

  /** Waits until it is ready. */
  static async of(k8s: Cluster): Promise<ClusterPrometheus> {
    const name = 'statefulset/prometheus';
    await kubectl(k8s, ['rollout', 'status', name, `--namespace=${MONITORING}`, '--timeout=120s']);
    return new ClusterPrometheus(`http://${await clusterIp(k8s, MONITORING, 'prometheus')}:9090`);
  }

  /** @throws when Prometheus refuses */
  async get<T>(path: string): Promise<T> {
    const response = await fetch(`${this.#server}/api/v1/${path}`);
    const { status, error, data } = (await response.json()) as { status: string; error?: string; data: T };
    if (status !== 'success') throw new Error(`Prometheus refuses ${path}: ${error}`);
    return data;
  }

  async query(expr: string): Promise<Series[]> {
    return (await this.get<{ result: Series[] }>(`query?query=${encodeURIComponent(expr)}`)).result;
  }

  async targets(): Promise<Target[]> {
    const found = (await this.#active()).map(
      ({ labels: { job, node, namespace, pod } }): Target => [job!, node ?? '', namespace ?? '', pod ?? ''],
    );
    return found.sort();
  }

  /** Those that have not answered a scrape, with what Prometheus says of it. */
  async notUp(): Promise<object[]> {
    return (await this.#active()).filter(({ health }) => health !== 'up');
  }

  async #active(): Promise<ActiveTarget[]> {
    return (await this.get<{ activeTargets: ActiveTarget[] }>('targets?state=active')).activeTargets;
  }
}

/** What kustomize/monitoring is to scrape, by what the API server says is there. */
export async function expectedTargets(k8s: Cluster): Promise<Target[]> {
  const savings = await k8s.api.list('/api/v1/pods?labelSelector=app.kubernetes.io/name=savings');
  const nodes = (await k8s.api.list('/api/v1/nodes')).map(({ metadata }) => metadata.name);
  const targets: Target[] = [
    ...savings.map(
      ({ metadata, spec }): Target => ['savings', spec.nodeName, metadata.namespace!, metadata.name],
    ),
    ...['cadvisor', 'kubelet', 'node'].flatMap((job) => nodes.map((node): Target => [job, node, '', ''])),
    ['kube-state-metrics', '', '', ''],
    ['prometheus', '', '', ''],
  ];
  return targets.sort();
}
