/**
 * Checks every manifest under kustomize/ strictly against Kubernetes 1.35: `bun run check:kustomize`.
 * Each fault names the file and the field; without a fault it says what was checked.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { type Manifest, parseManifests, render } from '../test/support/kustomize.ts';
import { faultsOf } from './kubernetes-schema.ts';

const REPOSITORY = resolve(import.meta.dir, '..');

/** What is applied: a root, and components on top of it. */
export interface Root {
  path: string;
  components: string[];
}

const OF_MONITORING = new Set(['alertmanager']);

/** Every overlay, every component on top of the dev overlay or of monitoring, every further root. All paths relative to `repository`. */
export function rootsOf(repository = REPOSITORY): Root[] {
  const folders = (path: string) =>
    existsSync(join(repository, path))
      ? readdirSync(join(repository, path), { withFileTypes: true })
          .filter((entry) => entry.isDirectory())
          .map((entry) => `${path}/${entry.name}`)
          .sort()
      : [];
  const overlays = folders('kustomize/overlays').map((path) => ({ path, components: [] }));
  const components = folders('kustomize/components').map((component) => ({
    path: OF_MONITORING.has(basename(component)) ? 'kustomize/monitoring' : 'kustomize/overlays/dev',
    components: [component],
  }));
  const further = ['kustomize/monitoring', 'kustomize/logs']
    .filter((path) => existsSync(join(repository, path, 'kustomization.yaml')))
    .map((path) => ({ path, components: [] }));
  return [...overlays, ...components, ...further];
}

/** Faults of the files as they stand, before anything is merged: here the file at fault is known for certain. */
export function faultsInFiles(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.ya?ml$/.test(file) && !basename(file).startsWith('kustomization.'))
    .sort();
  return files.flatMap((file) => {
    const name = relative(REPOSITORY, join(folder, file));
    try {
      return (
        parseManifests(readFileSync(join(folder, file), 'utf8'))
          // Some files are not Kubernetes' own, such as Prometheus's. What kustomize takes for one has a kind.
          .filter((object) => typeof object === 'object' && 'kind' in object)
          .flatMap((object) =>
            faultsOf(object, 'patch').map((fault) => `${name}: ${title(object)}: ${fault}`),
          )
      );
    } catch (error) {
      return [`${name}: ${(error as Error).message}`];
    }
  });
}

/** Faults of what kustomize makes of a root. */
export function faultsInRoot({ path, components }: Root): string[] {
  const name = [path, ...components].join(' + ');
  try {
    return render(path, components).flatMap(({ manifest, file }) =>
      faultsOf(manifest).map((fault) => `${file} (in ${name}): ${title(manifest)}: ${fault}`),
    );
  } catch (error) {
    return [`${name}: ${(error as Error).message}`];
  }
}

function title(object: Manifest): string {
  return `${object.kind} ${object.metadata?.name ?? 'without a name'}`;
}

function main(): number {
  const roots = rootsOf();
  const inFiles = faultsInFiles(join(REPOSITORY, 'kustomize'));
  const faults = inFiles.length > 0 ? inFiles : roots.flatMap(faultsInRoot);
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) return 1;
  console.log(`${roots.length} roots are right by the Kubernetes 1.35 schema:`);
  for (const { path, components } of roots) console.log(`  ${[path, ...components].join(' + ')}`);
  return 0;
}

if (import.meta.main) process.exit(main());
