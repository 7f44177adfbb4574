/** What docs/runbook.md has people on call type, typed with their own credentials. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from '../../../tools/cluster/cluster.ts';
import { IMAGES } from '../../../tools/cluster/images.ts';
import { CLUSTER_START_MS, cluster as theCluster } from '../../support/cluster.ts';
import { kubectlLines } from '../support/kubectl-lines.ts';
import { LiveRepository } from '../support/live-repository.ts';

setDefaultTimeout(2 * CLUSTER_START_MS);

const RUNBOOK = readFileSync(join(import.meta.dir, '../../../docs/runbook.md'), 'utf8');
/** The runbook says itself that these are an administrator's. */
const ADMINISTRATORS = /^kubectl (create secret|apply -f eks\/)|--prune\b/;
/** Go on until they are stopped, or end as the pod has it; what counts is whether they are let through to it. */
const OF_A_POD = /^kubectl (port-forward|logs)\b/;
const NODE = 'node-3';

/** Lines of blocks and what stands in a sentence, each once, in their order. */
function kubectlCommands(): string[] {
  const found = [...RUNBOOK.matchAll(/^ *(kubectl (?:.*\\\n)*.*)$|`(kubectl [^`]+)`/gm)]
    .map(([, line, phrase]) => (line ?? phrase!).replaceAll(/\\?\n\s*/g, ' ').replace(/ &$/, ''))
    .filter((command) => !ADMINISTRATORS.test(command));
  return [...new Set(found)];
}

describe('people on call', () => {
  let cluster: Cluster;
  let repository: LiveRepository;
  beforeAll(async () => {
    cluster = await theCluster();
    repository = await LiveRepository.of(cluster);
    const made = await repository.asDocumented([
      ...kubectlLines('## 2. A cluster'),
      'cd kustomize/overlays/prod',
      'kustomize edit add component ../../components/batch-scoring ../../components/retrain',
      `kustomize edit set image savings=${IMAGES.seeming}`,
      'kubectl apply -k ../prod-canary',
      'kubectl apply -k .',
      'kubectl rollout status deployment/savings --timeout=60s',
    ]);
    expect(made).toMatchObject({ status: 0, stderr: '' });
  });
  afterAll(() => repository?.close());

  test('may do all that the runbook has them type, and it is right', async () => {
    const commands = kubectlCommands();
    expect(commands.length).toBeGreaterThan(30);
    const wrong: Record<string, string> = {};
    for (const command of commands) {
      const [pod] = await cluster.api.list('/api/v1/namespaces/default/pods?labelSelector=track=stable');
      const typed = command
        .replaceAll(/<pod>|\bPOD\b/g, pod!.metadata.name)
        .replaceAll(/\bNODE\b/g, NODE)
        .replaceAll(/\bNAMESPACE\b/g, 'default')
        .replaceAll(/\bREVISION\b/g, '1')
        .replaceAll('/tmp/good/', '');
      const { status, stdout, stderr } = await cluster.run(
        ['timeout', OF_A_POD.test(typed) ? '3' : '60', 'bash', '-c', typed],
        { cwd: repository.checkout, as: 'on-call', input: '' },
      );
      const isThrough = OF_A_POD.test(typed) && !/forbidden/i.test(stderr);
      if (status !== 0 && !isThrough) wrong[typed] = `${status}: ${stdout}${stderr}`.slice(-500);
    }
    expect(wrong).toEqual({});
  });
});
