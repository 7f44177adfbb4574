import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BackOff } from './back-off.ts';
import type { Container } from './container.ts';
import { type ContainerProcess, type Invocation, startProcess } from './container-process.ts';
import { ConfigError } from './environment.ts';
import { now } from './now.ts';
import type { Part } from './part.ts';
import { FOREVER_MS, pause } from './pause.ts';
import type { PodEvents } from './pod-events.ts';
import type { ContainerStatus } from './pod-status.ts';
import { ask, get, probe } from './probes.ts';
import { imageIdOf } from './programs.ts';

/** What a container needs of its pod. */
export interface Surroundings {
  namespace: string;
  pod: string;
  podUid: string;
  node: string;
  address: string;
  restartPolicy: 'Always' | 'OnFailure' | 'Never';
  graceSeconds: number;
  events: PodEvents;
  /** For this container's logs and what it says when it ends. */
  folder: string;
  /** All but where it logs to. @throws ConfigError when something is missing */
  invocation(): Promise<Omit<Invocation, 'log'>>;
  /** Its status is another now. */
  changed(): void;
}

/** What is missing is looked for again; a kubelet does so some seconds later. */
const RETRY_MS = 2_000;
/** Of a kubelet: so much is left for SIGTERM, whatever preStop took. */
const LEAST_GRACE_MS = 2_000;
const MOST_MESSAGE_BYTES = 4_096;

/** One container of a pod: started, asked for its health, and started again as its pod says. */
export class PodContainer {
  readonly status: ContainerStatus;
  readonly #spec: Part;
  readonly #in: Surroundings;
  readonly #backOff = new BackOff();
  /** No more runs. */
  readonly #over = new AbortController();
  #process: ContainerProcess | undefined;
  #latest: Container | undefined;

  constructor(spec: Part, surroundings: Surroundings, waiting = 'ContainerCreating') {
    this.#spec = spec;
    this.#in = surroundings;
    this.status = {
      name: spec.name,
      image: spec.image,
      imageID: '',
      state: { waiting: { reason: waiting } },
      lastState: {},
      restartCount: 0,
      ready: false,
      started: false,
    };
    mkdirSync(surroundings.folder, { recursive: true });
  }

  /** Its run now or its last one; none before the first. */
  latest(): Container | undefined {
    return this.#latest;
  }

  /** Until it will not be started again. */
  async run(): Promise<void> {
    while (!this.#over.signal.aborted) {
      const started = performance.now();
      const exitCode = await this.#once();
      if (exitCode === undefined) {
        await pause(RETRY_MS, this.#over.signal);
        continue;
      }
      const { restartPolicy } = this.#in;
      if (restartPolicy === 'Never' || (restartPolicy === 'OnFailure' && exitCode === 0)) return;
      if (this.#over.signal.aborted) return;
      const seconds = this.#backOff.next(performance.now() - started);
      if (seconds > 0) await this.#waitToRestart(seconds);
      if (this.#over.signal.aborted) return;
      this.status.restartCount++;
    }
  }

  async #waitToRestart(seconds: number): Promise<void> {
    const { pod, namespace, podUid, events, changed } = this.#in;
    const which = `restarting failed container=${this.status.name} pod=${pod}_${namespace}(${podUid})`;
    this.status.lastState = { terminated: this.status.state.terminated! };
    this.status.state = { waiting: { reason: 'CrashLoopBackOff', message: `back-off ${seconds}s ${which}` } };
    events.warning('BackOff', `Back-off ${which}`, this.status.name);
    changed();
    await pause(1_000 * seconds, this.#over.signal);
  }

  /** @returns its exit code; undefined when something that it needs is missing */
  async #once(): Promise<number | undefined> {
    const { events, changed, folder } = this.#in;
    const { name, image, restartCount } = this.status;
    const log = join(folder, `${restartCount}.log`);
    const messages = join(folder, 'termination-log');
    let process: ContainerProcess;
    try {
      const invocation = await this.#in.invocation();
      writeFileSync(messages, '');
      // Whoever the container runs as.
      chmodSync(messages, 0o666);
      const path = this.#spec.terminationMessagePath ?? '/dev/termination-log';
      const mounts = [...invocation.mounts, { source: messages, path, readOnly: false }];
      if (this.#over.signal.aborted) return undefined;
      if (restartCount === 0)
        events.normal('Pulled', `Container image "${image}" already present on machine`, name);
      process = await startProcess({ ...invocation, mounts, log });
      // Told to end while it began: whoever told it found nothing to end.
      if (this.#over.signal.aborted) process.signal('SIGKILL');
    } catch (error) {
      const reason = error instanceof ConfigError ? 'CreateContainerConfigError' : 'CreateContainerError';
      const message = error instanceof Error ? error.message : String(error);
      if (this.status.state.terminated) this.status.lastState = { terminated: this.status.state.terminated };
      this.status.state = { waiting: { reason, message } };
      events.warning('Failed', `Error: ${message}`, name);
      changed();
      return undefined;
    }
    return this.#running(process, log, messages);
  }

  async #running(process: ContainerProcess, log: string, messages: string): Promise<number> {
    const { events, changed, namespace, pod, podUid, address, node } = this.#in;
    const { status } = this;
    const startedAt = now();
    const containerID = `agent://${podUid}-${status.name}-${status.restartCount}`;
    if (status.state.terminated) status.lastState = { terminated: status.state.terminated };
    Object.assign(status, {
      imageID: imageIdOf(status.image),
      containerID,
      state: { running: { startedAt } },
    });
    this.#latest = {
      ...{ namespace, pod, podUid, podAddress: address, node, name: status.name, image: status.image },
      ...{ pid: process.pid, log, startedAt: Date.now() },
      ...(this.#latest && { previousLog: this.#latest.log }),
    };
    events.normal('Started', 'Container started', status.name);
    this.#process = process;
    const ended = new AbortController();
    this.#watchHealth(ended.signal);
    changed();
    const exitCode = await process.exited;
    ended.abort();
    this.#process = undefined;
    const message = this.#lastWords(exitCode, messages, log);
    const terminated = {
      exitCode,
      reason: exitCode === 0 ? 'Completed' : 'Error',
      ...(message && { message }),
      ...{ startedAt, finishedAt: now(), containerID },
    };
    Object.assign(status, { state: { terminated }, ready: false, started: false });
    changed();
    return exitCode;
  }

  /** What it wrote for its status, or the end of its log where its manifest wants that after a failure. */
  #lastWords(exitCode: number, messages: string, log: string): string {
    const written = readFileSync(messages).subarray(-MOST_MESSAGE_BYTES).toString();
    if (written !== '' || exitCode === 0 || this.#spec.terminationMessagePolicy !== 'FallbackToLogsOnError')
      return written;
    return readFileSync(log).subarray(-2_048).toString();
  }

  /** @param ended when this run is over */
  #watchHealth(ended: AbortSignal): void {
    const { startupProbe, readinessProbe, livenessProbe } = this.#spec;
    const { events, changed, address } = this.#in;
    const begun = performance.now();
    // Once it is told to end nobody asks any more whether it lives, but whether it still answers.
    const untilTold = AbortSignal.any([ended, this.#over.signal]);
    const watch = (kind: string, spec: Part, found: (ok: boolean) => void, signal: AbortSignal) => {
      const delay = Math.max(0, (spec.initialDelaySeconds ?? 0) - (performance.now() - begun) / 1_000);
      void probe(
        { ...spec, initialDelaySeconds: delay },
        () => ask(spec, this.#spec, address),
        found,
        (message) => events.warning('Unhealthy', `${kind} probe failed: ${message}`, this.status.name),
        signal,
      );
    };
    const isReady = (ok: boolean) => {
      if (this.status.ready === ok) return;
      this.status.ready = ok;
      changed();
    };
    const restart = (kind: string, { terminationGracePeriodSeconds }: Part) => {
      const message = `Container ${this.status.name} failed ${kind} probe, will be restarted`;
      const graceOver = AbortSignal.timeout(1_000 * (terminationGracePeriodSeconds ?? this.#in.graceSeconds));
      void this.#end(message, graceOver);
    };
    const isStarted = () => {
      this.status.started = true;
      changed();
      if (readinessProbe) watch('Readiness', readinessProbe, isReady, ended);
      else isReady(true);
      if (livenessProbe) {
        const told = new AbortController();
        const found = (ok: boolean) => {
          if (ok) return;
          told.abort();
          restart('liveness', livenessProbe);
        };
        watch('Liveness', livenessProbe, found, AbortSignal.any([untilTold, told.signal]));
      }
    };
    if (!startupProbe) {
      isStarted();
      return;
    }
    const decided = new AbortController();
    const found = (ok: boolean) => {
      decided.abort();
      if (ok) isStarted();
      else restart('startup', startupProbe);
    };
    watch('Startup', startupProbe, found, AbortSignal.any([untilTold, decided.signal]));
  }

  /** For good. @param graceOver when its time is over */
  async stop(graceOver: AbortSignal): Promise<void> {
    this.#over.abort();
    await this.#end(`Stopping container ${this.status.name}`, graceOver);
  }

  /** For good, and at once. */
  kill(): void {
    this.#over.abort();
    this.#process?.signal('SIGKILL');
  }

  /** preStop, SIGTERM, and SIGKILL when its time is over. */
  async #end(message: string, graceOver: AbortSignal): Promise<void> {
    const process = this.#process;
    if (process === undefined) return;
    this.#in.events.normal('Killing', message, this.status.name);
    const ended = new AbortController();
    void process.exited.finally(() => ended.abort());
    await this.#preStop(AbortSignal.any([ended.signal, graceOver]));
    process.signal('SIGTERM');
    // Its time is over, but it has only just been told.
    if (graceOver.aborted) await pause(LEAST_GRACE_MS, ended.signal);
    else await pause(FOREVER_MS, AbortSignal.any([ended.signal, graceOver]));
    process.signal('SIGKILL');
    await process.exited;
  }

  async #preStop(signal: AbortSignal): Promise<void> {
    const { sleep, httpGet } = this.#spec.lifecycle?.preStop ?? {};
    if (sleep) await pause(1_000 * sleep.seconds, signal);
    if (!httpGet) return;
    const asked = get(httpGet, this.#spec, this.#in.address, FOREVER_MS).catch((error) =>
      this.#in.events.warning('FailedPreStopHook', `PreStopHook failed: ${error.message}`, this.status.name),
    );
    await Promise.race([asked, pause(FOREVER_MS, signal)]);
  }
}
