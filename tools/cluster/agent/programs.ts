import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';

/** What is run in an image's place. */
export interface Program {
  /** Files and folders of this machine, by where they are in the pod. */
  files: Record<string, string>;
  /** The image's ENTRYPOINT; a manifest's `args` follow it. */
  command: string[];
  /** The image's CMD, where a manifest has no `args`. */
  args: string[];
  environment: Record<string, string>;
  /** As whom it runs where a manifest does not say it. */
  user: number;
}

const CHECKOUT = join(import.meta.dirname, '../../..');
const NOBODY = 65534;

function single(name: string, path: string | null): Program {
  if (path === null) throw new Error(`Cannot run ${name}: it is not installed. .ci/cluster installs it.`);
  const inPod = `/program/${name}`;
  return {
    files: { [inPod]: realpathSync(path) },
    command: [inPod],
    args: [],
    environment: {},
    user: NOBODY,
  };
}

/** By the last part of an image's name: those that images.ts says are run. */
export const PROGRAMS: Readonly<Record<string, (programs: string) => Program>> = {
  // As the Dockerfile has it.
  savings: () => ({
    files: { '/savings': join(CHECKOUT, 'dist/savings') },
    command: ['/savings'],
    args: ['serve'],
    environment: { HOME: '/', MODEL_DIR: '/models', UPLOAD_SPILL_DIR: '/spill' },
    user: 65532,
  }),
  prometheus: (programs) => single('prometheus', join(programs, 'prometheus')),
  // Debian's does not know all that the configuration says.
  alertmanager: (programs) => single('alertmanager', join(programs, 'alertmanager')),
  'node-exporter': () => single('node-exporter', Bun.which('prometheus-node-exporter')),
  // A stand-in, from its source.
  'kube-state-metrics': () => ({
    files: {
      '/program/bun': realpathSync(process.execPath),
      ...Object.fromEntries(
        ['package.json', 'tsconfig.json', 'node_modules', 'src', 'tools'].map((name) => [
          `/program/${name}`,
          join(CHECKOUT, name),
        ]),
      ),
    },
    command: ['/program/bun', '/program/tools/cluster/kube-state-metrics.ts'],
    args: [],
    environment: { BUN_RUNTIME_TRANSPILER_CACHE_PATH: '0' },
    user: NOBODY,
  }),
};

/** An image's name without its tag and digest. */
const repositoryOf = (image: string) => image.replace(/@.*$/, '').replace(/:[^/:]*$/, '');

/** @param programs the folder that .ci/cluster-programs prints */
export function programOf(image: string, programs: string): Program | undefined {
  return PROGRAMS[repositoryOf(image).split('/').pop()!]?.(programs);
}

/** As a container's status has it: by digest, also where a manifest names a tag. */
export function imageIdOf(image: string): string {
  if (image.includes('@')) return image;
  return `${repositoryOf(image)}@sha256:${createHash('sha256').update(image).digest('hex')}`;
}
