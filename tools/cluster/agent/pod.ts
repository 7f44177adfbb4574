import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type ApiClient, ApiError, type KubernetesObject } from '../api-client.ts';
import type { Container } from './container.ts';
import { notDone } from './demands.ts';
import type { PodFacts } from './environment.ts';
import { hostsOf, writeOver } from './hosts.ts';
import { invocationOf } from './invocation.ts';
import { now } from './now.ts';
import type { Part } from './part.ts';
import { FOREVER_MS, pause } from './pause.ts';
import type { PodAddresses } from './pod-addresses.ts';
import { PodContainer, type Surroundings } from './pod-container.ts';
import { PodEvents } from './pod-events.ts';
import { phaseOf } from './pod-status.ts';
import { PodStatusWriter, type Told } from './pod-status-writer.ts';
import { hostSandbox, makeSandbox, type Sandbox } from './sandbox.ts';
import { sourcesOf } from './sources.ts';
import { takeOver } from './taken-over.ts';
import { Volumes } from './volumes.ts';

/** What all pods share. */
export interface Agent {
  api: ApiClient;
  /** For all that is written. */
  folder: string;
  /** For the folders of claims, which outlive pods. */
  claims: string;
  /** Of .ci/cluster-programs. */
  programs: string;
  addresses: PodAddresses;
  services: ReadonlyMap<string, KubernetesObject>;
  /** Variables that are added to a pod's containers. */
  environment(pod: KubernetesObject): Record<string, string>;
}

const RETRY_MS = 1_000;
/** How soon a changed ConfigMap or Secret is seen in a volume; a kubelet takes up to two minutes. */
const REFRESH_MS = 30_000;

/** One pod, from when it is bound to a Node until it is gone. */
export class Pod {
  readonly uid: string;
  /** NAMESPACE/NAME. */
  readonly name: string;
  /** When nothing of it is left. */
  readonly done: Promise<void>;
  #object: KubernetesObject;
  readonly #agent: Agent;
  readonly #events: PodEvents;
  readonly #status: PodStatusWriter;
  readonly #path: string;
  readonly #folder: string;
  readonly #startTime: string;
  /** Nothing of it is to run any more. */
  readonly #ending = new AbortController();
  /** It is being deleted, or is gone, or this program ends. */
  readonly #deleted = new AbortController();
  /** Its time is over. */
  readonly #graceOver = new AbortController();
  #graceTimer: ReturnType<typeof setTimeout> | undefined;
  #graceEnds = Number.POSITIVE_INFINITY;
  /** The API server has it no more. */
  #isGone = false;
  #init: PodContainer[] = [];
  #containers: PodContainer[] = [];
  #sandbox: Sandbox | undefined;
  #volumes: Volumes | undefined;
  #hostAddress = '';
  #podAddress = '';
  #isInitialized: boolean;
  #hasEnded = false;
  #refused: string | undefined;

  constructor(object: KubernetesObject, agent: Agent) {
    const { uid, namespace, name } = object.metadata;
    this.uid = uid!;
    this.name = `${namespace}/${name}`;
    this.#object = object;
    this.#agent = agent;
    this.#events = new PodEvents(agent.api, object);
    this.#path = `/api/v1/namespaces/${namespace}/pods/${name}`;
    this.#status = new PodStatusWriter(agent.api, this.#path, object, () => this.#state());
    this.#folder = join(agent.folder, 'pods', this.uid);
    this.#startTime = object.status?.startTime ?? now();
    this.#isInitialized = (object.spec.initContainers ?? []).length === 0;
    this.done = this.#live();
    this.update(object);
  }

  containers(): Container[] {
    return this.#all().flatMap((container) => container.latest() ?? []);
  }

  /** As the API server has it now. */
  update(object: KubernetesObject): void {
    this.#object = object;
    const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = object.metadata;
    const saidToHaveEnded = ['Failed', 'Succeeded'].includes(object.status?.phase) && !this.#hasEnded;
    if (deletionTimestamp) {
      this.#deleted.abort();
      this.#end(deletionGracePeriodSeconds);
    } else if (saidToHaveEnded && this.#containers.length > 0 && phaseOf(this.#state()) === 'Running') {
      // By another than this agent.
      this.#end(0);
    }
  }

  /** It is gone, so whatever is left of it ends at once. */
  gone(): void {
    this.#isGone = true;
    this.#status.stop();
    this.#deleted.abort();
    this.#end(0);
  }

  /** Called whenever Services change. */
  writeHosts(): void {
    if (this.#sandbox === undefined) return;
    writeOver(this.#hosts(), hostsOf(this.#object, this.#podAddress, this.#agent.services.values()));
  }

  #all(): PodContainer[] {
    return [...this.#init, ...this.#containers];
  }

  /** A later call can only make it sooner. */
  #end(graceSeconds: number): void {
    const ends = Date.now() + 1_000 * graceSeconds;
    if (ends < this.#graceEnds) {
      this.#graceEnds = ends;
      clearTimeout(this.#graceTimer);
      this.#graceTimer = setTimeout(() => this.#graceOver.abort(), 1_000 * graceSeconds);
    }
    const isFirst = !this.#ending.signal.aborted;
    this.#ending.abort();
    if (graceSeconds === 0) for (const container of this.#all()) container.kill();
    else if (isFirst) for (const container of this.#all()) void container.stop(this.#graceOver.signal);
  }

  async #live(): Promise<void> {
    // So that `done` is there before anything happens.
    await Promise.resolve();
    this.#hasEnded = ['Failed', 'Succeeded'].includes(this.#object.status?.phase);
    if (!this.#hasEnded) await this.#runAll();
    await pause(FOREVER_MS, this.#deleted.signal);
    await this.#delete();
    clearTimeout(this.#graceTimer);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #runAll(): Promise<void> {
    const unmet = notDone(this.#object);
    if (unmet.length > 0) await this.#refuse(`the agent does not do: ${unmet.join(', ')}`);
    else if (await this.#setUp()) await this.#runContainers();
    await this.#tearDown();
    this.#hasEnded = this.#ending.signal.aborted;
    this.#status.changed();
    await this.#status.told();
  }

  async #refuse(why: string): Promise<void> {
    this.#refused = why;
    this.#events.warning('NotDoneByAgent', why);
    this.#makeContainers();
    this.#status.changed();
    await pause(FOREVER_MS, this.#ending.signal);
  }

  /** Network and volumes; tried again until they are there. @returns false when it is being deleted before */
  async #setUp(): Promise<boolean> {
    while (!this.#ending.signal.aborted) {
      try {
        this.#hostAddress ||= await this.#addressOfNode();
        this.#sandbox ??= await this.#makeNetwork();
        this.#podAddress = this.#sandbox.address;
        if (this.#containers.length === 0) this.#makeContainers();
        this.#status.changed();
        this.#volumes ??= new Volumes({
          ...this.#facts(),
          api: this.#agent.api,
          sources: this.#sources(),
          folder: join(this.#folder, 'volumes'),
          claims: this.#agent.claims,
        });
        await this.#volumes.prepare();
        this.writeHosts();
        return !this.#ending.signal.aborted;
      } catch (error) {
        const reason = this.#sandbox ? 'FailedMount' : 'FailedCreatePodSandBox';
        this.#events.warning(reason, error instanceof Error ? error.message : String(error));
        await pause(RETRY_MS, this.#ending.signal);
      }
    }
    return false;
  }

  async #runContainers(): Promise<void> {
    const over = new AbortController();
    void this.#keepVolumesCurrent(AbortSignal.any([over.signal, this.#ending.signal]));
    if (await this.#initialize()) await Promise.all(this.#containers.map((container) => container.run()));
    over.abort();
  }

  /** Init containers, one after the other. @returns whether all did well */
  async #initialize(): Promise<boolean> {
    for (const container of this.#init) {
      await container.run();
      if (this.#ending.signal.aborted || container.status.state.terminated?.exitCode !== 0) return false;
    }
    this.#isInitialized = true;
    for (const { status } of this.#containers)
      if (status.state.waiting) status.state = { waiting: { reason: 'ContainerCreating' } };
    this.#status.changed();
    return true;
  }

  async #keepVolumesCurrent(signal: AbortSignal): Promise<void> {
    for (;;) {
      await pause(REFRESH_MS, signal);
      if (signal.aborted) return;
      // What is missing now stays as it was.
      await this.#volumes!.prepare().catch(() => {});
    }
  }

  async #tearDown(): Promise<void> {
    const sandbox = this.#sandbox;
    this.#sandbox = undefined;
    await sandbox?.close();
    if (sandbox && !this.#object.spec.hostNetwork) this.#agent.addresses.free(sandbox.address);
    this.#volumes?.remove();
  }

  async #addressOfNode(): Promise<string> {
    const { nodeName } = this.#object.spec;
    const { status } = await this.#agent.api.get(`/api/v1/nodes/${nodeName}`);
    const found = status?.addresses?.find(({ type }: { type: string }) => type === 'InternalIP');
    if (found === undefined) throw new Error(`the Node ${nodeName} has no address yet`);
    return found.address;
  }

  async #makeNetwork(): Promise<Sandbox> {
    if (this.#object.spec.hostNetwork) return hostSandbox(this.#hostAddress);
    const address = this.#agent.addresses.take();
    try {
      return await makeSandbox(address);
    } catch (error) {
      this.#agent.addresses.free(address);
      throw error;
    }
  }

  #makeContainers(): void {
    const { spec, metadata } = this.#object;
    const logs = join(this.#agent.folder, 'logs', `${metadata.namespace}_${metadata.name}_${this.uid}`);
    const around = (container: Part, restartPolicy: Surroundings['restartPolicy']): Surroundings => ({
      namespace: metadata.namespace!,
      pod: metadata.name,
      podUid: this.uid,
      node: spec.nodeName,
      address: this.#podAddress,
      restartPolicy,
      graceSeconds: spec.terminationGracePeriodSeconds ?? 30,
      events: this.#events,
      folder: join(logs, container.name),
      invocation: () => this.#invocation(container),
      changed: () => this.#status.changed(),
    });
    const policy: Surroundings['restartPolicy'] = spec.restartPolicy ?? 'Always';
    const ofInit = policy === 'Always' ? 'OnFailure' : policy;
    this.#init = (spec.initContainers ?? []).map(
      (container: Part) => new PodContainer(container, around(container, ofInit)),
    );
    const waiting = this.#init.length > 0 ? 'PodInitializing' : 'ContainerCreating';
    this.#containers = spec.containers.map(
      (container: Part) => new PodContainer(container, around(container, policy), waiting),
    );
    takeOver(this.#all(), this.#object, now());
  }

  async #invocation(container: Part) {
    // What was missing, or has changed since, is there for a new run at once.
    await this.#volumes!.prepare().catch(() => {});
    return invocationOf(container, {
      ...this.#facts(),
      sandbox: this.#sandbox!,
      volumes: this.#volumes!,
      sources: this.#sources(),
      services: [...this.#agent.services.values()],
      added: this.#agent.environment(this.#object),
      hosts: this.#hosts(),
      programs: this.#agent.programs,
    });
  }

  #hosts(): string {
    return join(this.#folder, 'hosts');
  }

  #sources() {
    return sourcesOf(this.#agent.api, this.#object.metadata.namespace!);
  }

  #facts(): PodFacts {
    return { pod: this.#object, podAddress: this.#podAddress, hostAddress: this.#hostAddress };
  }

  #state(): Told {
    return {
      ...this.#facts(),
      startTime: this.#startTime,
      refused: this.#refused,
      hasNetwork: this.#sandbox !== undefined,
      isInitialized: this.#isInitialized,
      init: this.#init.map(({ status }) => status),
      containers: this.#containers.map(({ status }) => status),
      hasEnded: this.#hasEnded,
    };
  }

  /** For good: the API server has waited for this. */
  async #delete(): Promise<void> {
    const body = { gracePeriodSeconds: 0, preconditions: { uid: this.uid } };
    while (!this.#isGone) {
      try {
        await this.#agent.api.request('DELETE', this.#path, body);
        return;
      } catch (error) {
        if (error instanceof ApiError && error.status < 500 && error.status !== 429) return;
        await Bun.sleep(RETRY_MS);
      }
    }
  }
}
