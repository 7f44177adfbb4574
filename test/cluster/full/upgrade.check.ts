/** What a cluster was given in the past becomes what it is given today by one apply: nothing must be deleted first. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Cluster } from '../../../tools/cluster/cluster.ts';
import { IMAGES } from '../../../tools/cluster/images.ts';
import { setNodes } from '../../../tools/cluster/nodes.ts';
import { MONITORING_COMPONENTS } from '../../kustomize/manifests.ts';
import { CLUSTER_START_MS, cluster } from '../../support/cluster.ts';
import { requireCondition } from '../../support/require-tool.ts';
import { apply } from '../support/applied.ts';
import { definePodMonitors, kubectl } from '../support/kubectl.ts';
import { KustomizeCopy } from '../support/kustomize-copy.ts';
import { hasHistory, type PastState, pastStates } from '../support/past-states.ts';

setDefaultTimeout(CLUSTER_START_MS);

const history = requireCondition(
  'the whole history in git',
  hasHistory(),
  'upgrades are tried from past commits; check out with all of them (fetch-depth: 0, or git fetch --unshallow)',
);

/** With another digest, so that all pods roll. */
const TODAY = IMAGES.seeming.replace('5ee1', '5ee2');

function titled(paths: string[]) {
  const states = pastStates(paths);
  if (states.length === 0) console.warn(`NOTHING TO UPGRADE FROM: ${paths.join(', ')} never were otherwise.`);
  return states.map((state) => ({ ...state, title: `${state.commit.slice(0, 7)} (${state.why})` }));
}

let k8s: Cluster;
beforeAll(async () => {
  k8s = await cluster();
});

describe.skipIf(!history)('overlays/prod with every component', () => {
  const states = history ? titled(['kustomize/base', 'kustomize/overlays', 'kustomize/components']) : [];
  let today: KustomizeCopy;
  beforeAll(async () => {
    // Room for all at once, each in a namespace of its own: so they roll together.
    await setNodes(
      k8s.api,
      Array.from({ length: 15 }, (_, i) => 'abc'[i % 3]!),
    );
    await definePodMonitors(k8s);
    today = new KustomizeCopy();
    filledIn(today, TODAY);
  });
  afterAll(() => today[Symbol.dispose]());

  function filledIn(copy: KustomizeCopy, image: string): void {
    const components = readdirSync(copy.path('components')).filter(
      (name) => !MONITORING_COMPONENTS.includes(name),
    );
    copy.addComponents('overlays/prod', components);
    copy.setImage('prod', image);
  }

  /** The overlay in a namespace of its own. */
  function inNamespace(copy: KustomizeCopy, namespace: string): string {
    const folder = join(copy.folder, namespace);
    mkdirSync(folder);
    writeFileSync(
      join(folder, 'kustomization.yaml'),
      stringify({ namespace, resources: ['../kustomize/overlays/prod'] }),
    );
    return folder;
  }

  const namespaceOf = ({ commit }: PastState) => `from-${commit.slice(0, 7)}`;

  test.each(states)('becomes what it is today, from $title', async (state) => {
    const namespace = namespaceOf(state);
    using past = new KustomizeCopy(state.commit);
    filledIn(past, IMAGES.seeming);
    await kubectl(k8s, ['create', 'namespace', namespace]);
    await kubectl(k8s, ['apply', '-k', inNamespace(past, namespace)]);
    // Some pods are there that can be replaced.
    await kubectl(k8s, [
      'wait',
      '-n',
      namespace,
      '--for=jsonpath={.status.readyReplicas}',
      'deployment/savings',
    ]);
    const said = await apply(k8s, ['-k', inNamespace(today, namespace)], {});
    expect(said.get('deployment.apps/savings')).toBe('configured');
  });

  test.each(states)('has new pods only, from $title', async (state) => {
    const namespace = namespaceOf(state);
    await kubectl(k8s, ['rollout', 'status', 'deployment/savings', '-n', namespace, '--timeout=60s']);
    await k8s.until('pods of the past are gone', async () => {
      const pods = await k8s.api.list(`/api/v1/namespaces/${namespace}/pods`);
      return pods.length > 0 && pods.every(({ spec }) => spec.containers[0].image === TODAY);
    });
  });
});

describe.skipIf(!history)('monitoring', () => {
  const states = history ? titled(['kustomize/monitoring', 'kustomize/components/alertmanager']) : [];
  const withComponents = (copy: KustomizeCopy) => {
    const components = MONITORING_COMPONENTS.filter((name) => existsSync(copy.path(`components/${name}`)));
    copy.addComponents('monitoring', components);
    return copy.path('monitoring');
  };

  test.each(states)('becomes what it is today, from $title', async ({ commit }) => {
    // Much of it is the cluster's, not a namespace's: so one after the other.
    await k8s.clear();
    using past = new KustomizeCopy(commit);
    using today = new KustomizeCopy();
    await kubectl(k8s, ['apply', '-k', withComponents(past)]);
    await apply(k8s, ['-k', withComponents(today)], {});
  });
});
