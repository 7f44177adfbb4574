/**
 * What the autoscaler of kustomize/components/autoscaling does with a day's traffic and with a rush, by simulation:
 * `bun bench/autoscaler.ts`. The algorithm is that of Kubernetes' HorizontalPodAutoscaler v2
 * (https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/), the bounds are read from the
 * manifests, and what a request costs is what was measured (bench/README.md). Nothing here is random.
 */
import { join } from 'node:path';
import { table } from './measure.ts';

/** Seconds of CPU that a request costs, measured here; see docs/scale.md. */
const CPU_SECONDS = { api: 20e-6, glance: 1.16e-3, page: 4.2e-3 };
/** Of the requests at the peak: mostly programs, and people who drag a slider or send the form. */
const MIXES: readonly (readonly [name: string, shares: Record<keyof typeof CPU_SECONDS, number>])[] = [
  ['programs alone', { api: 1, glance: 0, page: 0 }],
  ['one in ten is a person', { api: 0.9, glance: 0.08, page: 0.02 }],
  ['people alone', { api: 0, glance: 0.8, page: 0.2 }],
];
/** A process answers on one thread. */
const CORES_PER_POD = 1;
/** From being wanted to being ready, on a node that has room. */
const POD_READY_SECONDS = 15;
/** Of a t4g.medium's two processors, what the system and monitoring leave; pods by what they ask for. Nodes are there. */
const CORES_PER_NODE = 1.7;
const NODES_AT_LEAST = 3;
/** metrics-server: the mean of the last so many seconds, and so much later. */
const METRIC_WINDOW = 30;
const METRIC_DELAY = 15;
const SYNC_SECONDS = 15;
const TOLERANCE = 0.1;

const KUSTOMIZE = join(import.meta.dir, '../kustomize');
const yaml = async (path: string) => Bun.YAML.parse(await Bun.file(join(KUSTOMIZE, path)).text()) as never;
// biome-ignore lint/suspicious/noExplicitAny: manifests, of which the schema check says what they hold
const hpa: any = await yaml('components/autoscaling/horizontal-pod-autoscaler.yaml');
// biome-ignore lint/suspicious/noExplicitAny: as above
const deployment: any = await yaml('base/deployment.yaml');
const { minReplicas, metrics, behavior } = hpa.spec;
const target = metrics[0].resource.target.averageUtilization / 100;
const requested =
  Number.parseInt(deployment.spec.template.spec.containers[0].resources.requests.cpu, 10) / 1000;
const { stabilizationWindowSeconds, policies } = behavior.scaleDown;

type Load = (second: number) => number;
/** From a tenth of the peak at four in the morning to the peak at four in the afternoon. */
const day: Load = (second) => 0.55 - 0.45 * Math.cos((2 * Math.PI * (second / 3600 - 4)) / 24);
/** A tenth of the peak, and all of it within a minute from one o'clock on, for an hour. */
const rush: Load = (second) => {
  const since = second - 3600;
  if (since < 0 || since > 3660) return 0.1;
  return Math.min(1, 0.1 + (0.9 * since) / 60);
};

interface Outcome {
  pods: number[];
  nodes: number;
  /** Seconds in which more was asked than the ready pods can do, and the share of all requests that this is. */
  overloaded: number;
  refused: number;
}

/** @param peak cores that the peak asks for */
function simulate(load: Load, seconds: number, peak: number, maxReplicas: number): Outcome {
  const readyAt: number[] = new Array(minReplicas).fill(0);
  const nodes = Math.max(NODES_AT_LEAST, Math.ceil((maxReplicas * requested) / CORES_PER_NODE));
  const used: number[] = [];
  const wanted: { at: number; replicas: number }[] = [];
  const outcome: Outcome = { nodes, pods: [], overloaded: 0, refused: 0 };
  let asked = 0;
  let lastDown = Number.NEGATIVE_INFINITY;
  for (let now = 0; now < seconds; now++) {
    const demand = peak * load(now);
    const ready = readyAt.filter((at) => at <= now).length;
    const room = Math.min(ready * CORES_PER_POD, nodes * CORES_PER_NODE);
    used.push(Math.min(demand, room) / ready);
    asked += demand;
    if (demand > room) {
      outcome.overloaded++;
      outcome.refused += demand - room;
    }
    outcome.pods.push(readyAt.length);
    if (now % SYNC_SECONDS !== 0 || now < METRIC_WINDOW + METRIC_DELAY) continue;
    const window = used.slice(now - METRIC_DELAY - METRIC_WINDOW, now - METRIC_DELAY);
    const cores = window.reduce((sum, one) => sum + one, 0) / window.length;
    // Pods that are not ready count as idle when more are wanted.
    const ratio = (cores * ready) / readyAt.length / requested / target;
    const desired = Math.abs(ratio - 1) <= TOLERANCE ? readyAt.length : Math.ceil(readyAt.length * ratio);
    const bounded = Math.max(minReplicas, Math.min(maxReplicas, desired));
    wanted.push({ at: now, replicas: bounded });
    if (bounded > readyAt.length) {
      // Kubernetes' own policies for more: twice as many, or four, each quarter of a minute.
      const most = Math.max(readyAt.length * 2, readyAt.length + 4);
      while (readyAt.length < Math.min(bounded, most)) readyAt.push(now + POD_READY_SECONDS);
      continue;
    }
    const recent = wanted.filter(({ at }) => at > now - stabilizationWindowSeconds);
    const stable = Math.max(...recent.map(({ replicas }) => replicas));
    if (stable < readyAt.length && now - lastDown >= policies[0].periodSeconds) {
      readyAt.pop();
      lastDown = now;
    }
  }
  outcome.refused /= asked;
  return outcome;
}

const REQUESTS = 10_000;
const rows = MIXES.flatMap(([mix, shares]) => {
  const cores = (Object.keys(CPU_SECONDS) as (keyof typeof CPU_SECONDS)[]).reduce(
    (sum, kind) => sum + REQUESTS * shares[kind] * CPU_SECONDS[kind],
    0,
  );
  const needed = Math.max(minReplicas, Math.ceil(cores / (requested * target)));
  return [...new Set([hpa.spec.maxReplicas as number, needed])].flatMap((most) =>
    (
      [
        ['a day', day, 86_400],
        ['a rush', rush, 3 * 3600],
      ] as const
    ).map(([name, load, seconds]) => {
      const { nodes, pods, overloaded, refused } = simulate(load, seconds, cores, most);
      const mean = pods.reduce((sum, count) => sum + count, 0) / pods.length;
      return [
        mix,
        cores.toFixed(2),
        String(most),
        String(nodes),
        name,
        `${Math.min(...pods)} to ${Math.max(...pods)}`,
        mean.toFixed(1),
        String(overloaded),
        `${(100 * refused).toFixed(2)} %`,
      ];
    }),
  );
});
console.log(
  `${REQUESTS} requests a second at the peak; pods ask for ${requested} cores each, at ${target * 100} %.\n`,
);
console.log(
  table(
    [
      'requests',
      'cores at the peak',
      'pods at most',
      'nodes',
      'load',
      'pods',
      'on average',
      'seconds overloaded',
      'refused',
    ],
    rows,
  ),
);
