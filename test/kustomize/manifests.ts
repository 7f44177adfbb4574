import { expect } from 'bun:test';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { canRender, type Manifest, render } from '../support/kustomize.ts';
import { requireCondition } from '../support/require-tool.ts';

export const OVERLAYS = ['dev', 'prod'];
/** Those that go on kustomize/monitoring. */
export const MONITORING_COMPONENTS = ['alertmanager'];
/** Those that go on the application's overlays. */
export const COMPONENTS = readdirSync(join(import.meta.dir, '../../kustomize/components')).filter(
  (component) => !MONITORING_COMPONENTS.includes(component),
);

/** Whether tests of rendered manifests can run here. */
export const renders = requireCondition(
  'kustomize',
  canRender,
  'install kubectl, or: go install sigs.k8s.io/kustomize/kustomize/v5@v5.8.1',
);

/** An overlay with components on top, as it would be applied. */
export class Manifests {
  readonly all: Manifest[];

  constructor(overlay: string, components: readonly string[] = []) {
    this.all = render(
      `kustomize/overlays/${overlay}`,
      components.map((component) => `kustomize/components/${component}`),
    ).map(({ manifest }) => manifest);
  }

  ofKind(kind: string): Manifest[] {
    return this.all.filter((manifest) => manifest.kind === kind);
  }

  /** The only one of its kind. */
  one(kind: string): Manifest {
    const found = this.ofKind(kind);
    expect(found.map(({ metadata }) => metadata.name)).toHaveLength(1);
    return found[0];
  }

  named(kind: string, name: string): Manifest {
    const found = this.ofKind(kind).filter(({ metadata }) => metadata.name === name);
    expect(found).toHaveLength(1);
    return found[0];
  }

  get pod() {
    return this.one('Deployment').spec.template;
  }

  get container() {
    expect(this.pod.spec.containers).toHaveLength(1);
    return this.pod.spec.containers[0];
  }

  /** Port numbers of the container by name. */
  get ports(): Record<string, number> {
    return Object.fromEntries(
      this.container.ports.map((port: { name: string; containerPort: number }) => [
        port.name,
        port.containerPort,
      ]),
    );
  }

  /** The environment that the server starts with; what a Secret gives stands as ''. */
  get environment(): Record<string, string> {
    const given = this.container.envFrom.map(
      ({ configMapRef }: { configMapRef: { name: string } }) =>
        this.ofKind('ConfigMap').find(({ metadata }) => metadata.name === configMapRef.name)?.data,
    );
    const own = this.container.env.map(({ name, value }: { name: string; value?: string }) => [
      name,
      value ?? '',
    ]);
    return Object.assign({}, ...given, Object.fromEntries(own));
  }
}
