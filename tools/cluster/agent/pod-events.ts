import type { ApiClient, KubernetesObject } from '../api-client.ts';
import { now } from './now.ts';

interface Known {
  name: Promise<string>;
  count: number;
}

/** Events about one pod, for `kubectl describe`; the same again is counted. */
export class PodEvents {
  readonly #api: ApiClient;
  readonly #pod: KubernetesObject;
  readonly #known = new Map<string, Known>();

  constructor(api: ApiClient, pod: KubernetesObject) {
    this.#api = api;
    this.#pod = pod;
  }

  normal(reason: string, message: string, container?: string): void {
    this.#record('Normal', reason, message, container);
  }

  warning(reason: string, message: string, container?: string): void {
    this.#record('Warning', reason, message, container);
  }

  /** None is waited for, and none that fails is missed: its namespace may be going. */
  #record(type: string, reason: string, message: string, container?: string): void {
    const { name, namespace, uid } = this.#pod.metadata;
    const path = `/api/v1/namespaces/${namespace}/events`;
    const key = JSON.stringify([reason, message, container]);
    const at = now();
    const known = this.#known.get(key);
    if (known) {
      known.count++;
      const more = { count: known.count, lastTimestamp: at };
      known.name
        .then((event) => this.#api.request('PATCH', `${path}/${event}`, more, 'application/merge-patch+json'))
        .catch(() => {});
      return;
    }
    const made = this.#api.request('POST', path, {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { generateName: `${name}.`, namespace },
      involvedObject: {
        apiVersion: 'v1',
        kind: 'Pod',
        name,
        namespace,
        uid,
        ...(container && { fieldPath: `spec.containers{${container}}` }),
      },
      type,
      reason,
      message,
      source: { component: 'kubelet', host: this.#pod.spec.nodeName },
      firstTimestamp: at,
      lastTimestamp: at,
      count: 1,
    });
    const event = made.then(({ metadata }) => metadata.name);
    event.catch(() => {});
    this.#known.set(key, { name: event, count: 1 });
  }
}
