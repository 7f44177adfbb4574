import { expect } from 'bun:test';
import type { KubernetesObject } from '../../../tools/cluster/api-client.ts';
import type { Cluster } from '../../../tools/cluster/cluster.ts';
import { Visitor } from '../../support/visitor.ts';
import { everything } from './everything.ts';
import { kubectlLines } from './kubectl-lines.ts';
import type { LiveRepository } from './live-repository.ts';

const SAVINGS = '/apis/apps/v1/namespaces/default/deployments/savings';

/** Some 200 requests a second of four visitors: too few for the autoscaler. */
const PAUSE_MS = 20;

/** What is live, to be compared with what is live later. */
export interface State {
  template: unknown;
  pods: string[];
  images: string[];
  objects: string[];
}

/** The namespace that the deploy workflow deploys to, and people who come to its public address. */
export class Live {
  readonly #cluster: Cluster;
  readonly #visitors: Visitor[] = [];
  #visits: Promise<unknown> = Promise.resolve();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** As eks/README.md does once a cluster is there; and however much they will have to do, there are two stable pods. */
  async prepare(repository: LiveRepository): Promise<void> {
    // Little: the autoscaler counts new pods beside those they replace, and would make more of them all through a rollout.
    this.#cluster.pretendUsage(() => ({ cpuMillicores: 10 }));
    const lines = kubectlLines('## 2. A cluster').filter((line) =>
      /^kubectl (label|apply -f eks\/deploy-)/.test(line),
    );
    expect(lines).toHaveLength(2);
    expect(await repository.asDocumented(lines)).toMatchObject({ status: 0, stderr: '' });
  }

  /** The pods that are live, without those that leave. */
  async pods(): Promise<KubernetesObject[]> {
    const pods = await this.#cluster.api.list(
      '/api/v1/namespaces/default/pods?labelSelector=app.kubernetes.io/name=savings',
    );
    return pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  }

  /** The images of those pods, each once. */
  async images(): Promise<string[]> {
    const images = (await this.pods()).map(({ spec }) => spec.containers[0].image);
    return [...new Set(images)];
  }

  /** Waits until all are ready, and as many as prod has at least: the autoscaler may have added some. */
  async ready(): Promise<void> {
    const isReady = ({ status }: KubernetesObject) =>
      status.conditions?.some(
        (condition: Record<string, string>) => condition.type === 'Ready' && condition.status === 'True',
      );
    await this.#cluster.until('two pods should be ready', async () => {
      const pods = await this.pods();
      return pods.length >= 2 && pods.every(isReady);
    });
  }

  async state(): Promise<State> {
    const { spec } = await this.#cluster.api.get(SAVINGS);
    return {
      template: spec.template,
      pods: (await this.pods()).map(({ metadata }) => metadata.name).toSorted(),
      images: await this.images(),
      objects: (await everything(this.#cluster)).filter(
        (object) => !/^(Pod|PodMetrics|EndpointSlice) /.test(object),
      ),
    };
  }

  /**
   * The very pods of before serve as before, and nothing is left behind but what docs/runbook.md says: the settings that
   * failed, and the revision with them.
   */
  async expectBackAt(before: State): Promise<void> {
    await this.ready();
    const now = await this.state();
    expect(now.template).toEqual(before.template);
    expect(now.pods).toEqual(expect.arrayContaining(before.pods));
    expect(await this.images()).toEqual(before.images);
    const left = now.objects.filter((object) => !before.objects.includes(object));
    expect(
      left.filter((object) => !/^(ConfigMap|ReplicaSet) default savings-[a-z0-9]+$/.test(object)),
    ).toEqual([]);
    expect(before.objects.filter((object) => !now.objects.includes(object))).toEqual([]);
  }

  /** From now on people come, without a pause, until `leave`. */
  async visit(): Promise<void> {
    const { status } = await this.#cluster.api.get('/api/v1/namespaces/default/services/savings');
    const address = { host: status.loadBalancer.ingress[0].ip, port: 80 };
    for (const keepsConnection of [true, false, true, false])
      this.#visitors.push(new Visitor(address, keepsConnection, PAUSE_MS));
    this.#visits = Promise.all(this.#visitors.map((visitor) => visitor.run()));
  }

  /** @returns how many were answered, and what the others met */
  async leave(): Promise<{ answered: number; failures: string[] }> {
    for (const visitor of this.#visitors) visitor.stopped = true;
    await this.#visits;
    const visitors = this.#visitors.splice(0);
    const answers = visitors.flatMap((visitor) => [...visitor.answers.values()]);
    return {
      answered: answers.reduce((sum, count) => sum + count, 0),
      failures: visitors.flatMap(({ failures }) => failures),
    };
  }
}
