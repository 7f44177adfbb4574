import type { KubernetesObject } from '../api-client.ts';
import type { Invocation } from './container-process.ts';
import {
  ConfigError,
  declaredVariables,
  expand,
  type PodFacts,
  type Sources,
  serviceVariables,
} from './environment.ts';
import type { Part } from './part.ts';
import { type Program, programOf } from './programs.ts';
import type { Sandbox } from './sandbox.ts';
import type { Volumes } from './volumes.ts';

/** What a container's run is made of, besides its manifest. */
export interface Ingredients extends PodFacts {
  sandbox: Sandbox;
  volumes: Volumes;
  sources: Sources;
  services: KubernetesObject[];
  /** As a webhook adds them. */
  added: Record<string, string>;
  /** The pod's /etc/hosts. */
  hosts: string;
  /** Of .ci/cluster-programs. */
  programs: string;
}

/**
 * How a container of a pod is run now, but for its log.
 * @throws ConfigError when something that it needs is missing
 */
export async function invocationOf(container: Part, given: Ingredients): Promise<Omit<Invocation, 'log'>> {
  const { spec, metadata } = given.pod;
  const program = programOf(container.image, given.programs);
  if (program === undefined) throw new ConfigError(`the agent has no program for ${container.image}`);
  const environment = await environmentOf(container, program, given);
  const args: string[] = container.args ?? (container.command ? [] : program.args);
  const readOnly = true;
  return {
    ...identityOf(container, given.pod, program),
    enter: given.sandbox.enter,
    command: [...(container.command ?? program.command), ...args].map((arg) => expand(arg, environment)),
    environment,
    folder: container.workingDir ?? '/',
    mounts: [
      ...Object.entries(program.files).map(([path, source]) => ({ path, source, readOnly })),
      { path: '/etc/hosts', source: given.hosts, readOnly },
      ...given.volumes.mountsOf(container),
    ],
    hostname: spec.hostname ?? metadata.name,
    readOnlyRoot: container.securityContext?.readOnlyRootFilesystem === true,
    hostPid: spec.hostPID === true,
  };
}

/** @throws ConfigError where it must not be root, and would be */
function identityOf(container: Part, { spec }: KubernetesObject, program: Program) {
  const { runAsUser, runAsGroup, runAsNonRoot } = { ...spec.securityContext, ...container.securityContext };
  const user: number = runAsUser ?? program.user;
  if (runAsNonRoot && user === 0)
    throw new ConfigError('container has runAsNonRoot and image will run as root');
  // An image says both, a manifest may say the first alone.
  const group: number = runAsGroup ?? (runAsUser === undefined ? program.user : 0);
  const { fsGroup, supplementalGroups = [] } = spec.securityContext ?? {};
  const groups: number[] = [...(fsGroup === undefined ? [] : [fsGroup]), ...supplementalGroups];
  return { user, group, groups };
}

async function environmentOf(container: Part, program: Program, given: Ingredients) {
  const { spec, metadata } = given.pod;
  const services = serviceVariables(given.pod, given.services);
  const declared = await declaredVariables(container, given, given.sources, services);
  // A webhook adds to `env` what is not there: so that goes before what comes by envFrom.
  const own = new Set((container.env ?? []).map(({ name }: Part) => name));
  const added = Object.entries(given.added).filter(([name]) => !own.has(name));
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOSTNAME: spec.hostname ?? metadata.name,
    ...program.environment,
    ...services,
    ...declared,
    ...Object.fromEntries(added),
  };
}
