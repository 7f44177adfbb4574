import { type ApiClient, ApiError, type KubernetesObject } from '../api-client.ts';
import { now } from './now.ts';
import {
  type Condition,
  type ContainerStatus,
  conditionsOf,
  type PodState,
  phaseOf,
  withTimes,
} from './pod-status.ts';

/** What a pod's status says besides its state. */
export interface Told extends PodState {
  hostAddress: string;
  podAddress: string;
  startTime: string;
  /** Why none of it is run. */
  refused: string | undefined;
}

const RETRY_MS = 1_000;

/** The status that the API server has to be told of a pod. */
export function statusOf(told: Told, before: readonly Condition[], now: string) {
  const { hostAddress, podAddress, startTime, refused, init, containers } = told;
  const phase = phaseOf(told);
  const shown = (status: ContainerStatus) =>
    refused && status.state.waiting
      ? { ...status, state: { waiting: { reason: 'NotDoneByAgent', message: refused } } }
      : status;
  return {
    phase,
    conditions: withTimes(conditionsOf(told, phase), before, now),
    startTime,
    ...(hostAddress && { hostIP: hostAddress, hostIPs: [{ ip: hostAddress }] }),
    // Addresses are merged by themselves; after a restart there would be two.
    ...(podAddress && { podIP: podAddress, podIPs: [{ $patch: 'replace' }, { ip: podAddress }] }),
    ...(init.length > 0 && { initContainerStatuses: init.map(shown) }),
    containerStatuses: containers.map(shown),
  };
}

/** Tells the API server how a pod is, until it knows the latest. Conditions of others stay. */
export class PodStatusWriter {
  readonly #api: ApiClient;
  readonly #path: string;
  readonly #uid: string;
  readonly #state: () => Told;
  #conditions: readonly Condition[];
  #isNew = false;
  #isOver = false;
  #writing: Promise<void> | undefined;

  constructor(api: ApiClient, path: string, { metadata, status }: KubernetesObject, state: () => Told) {
    this.#api = api;
    this.#path = path;
    this.#uid = metadata.uid!;
    this.#conditions = status?.conditions ?? [];
    this.#state = state;
  }

  /** There is something new to tell. */
  changed(): void {
    this.#isNew = true;
    this.#writing ??= this.#write();
  }

  /** When all is told. */
  async told(): Promise<void> {
    await this.#writing;
  }

  /** The pod is gone: nobody wants to know. */
  stop(): void {
    this.#isOver = true;
  }

  async #write(): Promise<void> {
    // What changes together is told together.
    await Promise.resolve();
    while (this.#isNew && !this.#isOver) {
      this.#isNew = false;
      const status = statusOf(this.#state(), this.#conditions, now());
      this.#conditions = status.conditions;
      const body = { metadata: { uid: this.#uid }, status };
      try {
        await this.#api.request(
          'PATCH',
          `${this.#path}/status`,
          body,
          'application/strategic-merge-patch+json',
        );
      } catch (error) {
        // It is gone, or another has its name.
        if (error instanceof ApiError && (error.status === 404 || error.status === 409)) break;
        // What is wrong in itself would be tried for ever, and nobody would see why the pod never becomes ready.
        if (error instanceof ApiError && error.status < 500)
          console.error(`The agent cannot tell how a pod is: ${error.message}`);
        this.#isNew = true;
        await Bun.sleep(RETRY_MS);
      }
    }
    this.#writing = undefined;
  }
}
