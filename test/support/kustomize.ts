import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { parse, parseAllDocuments, stringify } from 'yaml';

const REPOSITORY = resolve(import.meta.dir, '../..');

/** A Kubernetes object as rendered. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  // biome-ignore lint/suspicious/noExplicitAny: the schema check says what may stand here; tests look at any of it
  [field: string]: any;
}

export interface Rendered {
  manifest: Manifest;
  /** The file that it comes from, relative to the repository. */
  file: string;
}

/** The standalone kustomize, or else the one inside kubectl. */
const COMMANDS = [
  ['kustomize', 'build'],
  // Rendering asks no cluster, but some builds of kubectl do for its version; nothing answers on port 1, and at once.
  ['kubectl', '--server=127.0.0.1:1', 'kustomize'],
];

const command = COMMANDS.find(([program]) => Bun.which(program!) !== null);

/** Whether manifests can be rendered on this machine. */
export const canRender = command !== undefined;

/**
 * Renders a root as `kubectl apply -k` would.
 *
 * @param root a folder with a kustomization, relative to the repository
 * @param components to add, relative to the repository
 * @param owner the root that they are added to, when it is one that this one builds on
 * @throws Error with what kustomize says, or when nothing comes out
 */
export function render(root: string, components: readonly string[] = [], owner = root): Rendered[] {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'savings-render-'));
  try {
    let base = REPOSITORY;
    if (components.length > 0) {
      base = folder;
      for (const part of ['kustomize', 'grafana']) {
        cpSync(join(REPOSITORY, part), join(folder, part), { recursive: true });
      }
      addComponents(folder, owner, components);
    }
    const kustomization = {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      resources: [relative(folder, resolve(base, root))],
      buildMetadata: ['originAnnotations'],
    };
    writeFileSync(join(folder, 'kustomization.yaml'), stringify(kustomization));
    const rendered = parseManifests(run(folder)).map((manifest) => {
      const origin = resolve(folder, takeOrigin(manifest));
      return { manifest, file: relative(base, origin) };
    });
    if (rendered.length === 0) throw new Error(`${root} renders to nothing`);
    return rendered;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Adds them where a person would, so that what the root does after its components is done to these too. */
function addComponents(repository: string, root: string, components: readonly string[]): void {
  const file = join(repository, root, 'kustomization.yaml');
  const kustomization = parse(readFileSync(file, 'utf8'));
  const added = components.map((path) => relative(root, path));
  kustomization.components = [...new Set([...(kustomization.components ?? []), ...added])];
  writeFileSync(file, stringify(kustomization));
}

function run(folder: string): string {
  if (command === undefined) throw new Error('neither kustomize nor kubectl is installed');
  const [program, ...args] = command;
  const { status, stdout, stderr } = spawnSync(program!, [...args, folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr.trim());
  return stdout;
}

/** Parses a stream of YAML documents; a key that stands twice is an error. */
export function parseManifests(text: string): Manifest[] {
  const documents = parseAllDocuments(text);
  for (const document of documents) if (document.errors.length > 0) throw document.errors[0];
  return documents.map((document) => document.toJS()).filter((value) => value !== null);
}

const ORIGIN = 'config.kubernetes.io/origin';

/** Takes away the annotation that says which file an object comes from, and returns that file. */
function takeOrigin(manifest: Manifest): string {
  const annotations = manifest.metadata.annotations ?? {};
  const path = /^(?:path|configuredIn): (.+)$/m.exec(annotations[ORIGIN] ?? '')?.[1] ?? '';
  delete annotations[ORIGIN];
  if (Object.keys(annotations).length === 0) delete manifest.metadata.annotations;
  return path;
}
