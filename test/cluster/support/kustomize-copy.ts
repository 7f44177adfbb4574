import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { git, gitBytes, REPOSITORY } from './git.ts';

/** A part of a kustomization, with what these tests change in one. */
interface Kustomization {
  configMapGenerator: { name: string; files?: string[] }[];
  components?: string[];
  images?: { name: string; newName: string; newTag?: string; digest?: string }[];
  patches?: { target?: Record<string, string>; patch: string }[];
  replicas?: { name: string; count: number }[];
  resources?: string[];
}

/**
 * kustomize/ in a folder of its own, with the names and images that a person would put in. Take it with `using`, so that
 * it goes when the test ends.
 */
export class KustomizeCopy implements Disposable {
  readonly folder = mkdtempSync(join(realpathSync(tmpdir()), 'savings-kustomize-'));

  /** @param commit what stood there then; as it stands here without it */
  constructor(commit?: string) {
    // Dashboards are among what kustomize/monitoring is made of.
    const parts = ['kustomize', 'grafana'];
    if (commit === undefined)
      for (const part of parts) cpSync(join(REPOSITORY, part), join(this.folder, part), { recursive: true });
    else {
      const there = parts.filter((part) => git('ls-tree', commit, part) !== '');
      execFileSync('tar', ['-x', '-C', this.folder], { input: gitBytes('archive', commit, ...there) });
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }

  /** What `kubectl apply -k` takes. @param root as 'overlays/prod' */
  path(root: string): string {
    return join(this.folder, 'kustomize', root);
  }

  /** Puts words into a file's place of others, which must be there. */
  replace(file: string, from: string | RegExp, to: string): void {
    const path = this.path(file);
    const text = readFileSync(path, 'utf8');
    const replaced = text.replace(from, to);
    if (replaced === text) throw new Error(`${file} has no ${from}`);
    writeFileSync(path, replaced);
  }

  /** @param file as 'overlays/prod/savings.env'; of two lines with the same name kustomize would refuse the second */
  set(file: string, settings: Record<string, string | number>): void {
    const path = this.path(file);
    const names = Object.keys(settings);
    const others = readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => !names.some((name) => line.startsWith(`${name}=`)));
    writeFileSync(path, others.join('\n'));
    for (const [name, value] of Object.entries(settings)) appendFileSync(path, `\n${name}=${value}\n`);
  }

  edit(root: string, change: (kustomization: Kustomization) => void): void {
    const path = join(this.path(root), 'kustomization.yaml');
    const kustomization = parse(readFileSync(path, 'utf8'));
    change(kustomization);
    writeFileSync(path, stringify(kustomization));
  }

  /** @param image REPOSITORY@sha256:... */
  setImage(overlay: string, image: string): void {
    const [newName, digest] = image.split('@');
    this.edit(`overlays/${overlay}`, (kustomization) => {
      kustomization.images = [{ name: 'savings', newName: newName!, digest: digest! }];
    });
  }

  /** @param components as 'batch-scoring'; those that are there stay */
  addComponents(root: string, components: readonly string[]): void {
    const up = root
      .split('/')
      .map(() => '..')
      .join('/');
    const paths = components.map((component) => `${up}/components/${component}`);
    this.edit(root, (kustomization) => {
      kustomization.components = [...new Set([...(kustomization.components ?? []), ...paths])];
    });
  }

  /** Merges into an object of a root, before its components are asked. @param manifest with kind and metadata.name */
  patch(root: string, manifest: object): void {
    this.edit(root, (kustomization) => {
      kustomization.patches = [...(kustomization.patches ?? []), { patch: stringify(manifest) }];
    });
  }
}
