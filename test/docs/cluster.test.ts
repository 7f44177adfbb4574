import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { PROGRESS_SECONDS } from '../cluster/support/live-repository.ts';
import { ROOT } from '../support/server-process.ts';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const DOCUMENT = read('docs/cluster.md');
/** The cells of a row of its tables. */
const row = (first: string) => {
  const [line] = DOCUMENT.split('\n').filter((text) => text.startsWith(`| ${first}`));
  return line!.split('|').map((cell) => cell.trim());
};

describe('docs/cluster.md', () => {
  test('names the versions that are built', () => {
    const built = (name: string) =>
      new RegExp(`^${name}=(\\S+)`, 'm').exec(read('.ci/cluster-programs'))![1]!.split('.').map(Number);
    expect(DOCUMENT).toContain(
      `Kubernetes ${built('KUBERNETES').join('.')} and etcd ${built('ETCD').join('.')}`,
    );
    // Prometheus' Go module has 0.314 for 3.14.
    const [, prometheus] = built('PROMETHEUS');
    const of = `Prometheus ${Math.floor(prometheus! / 100)}.${prometheus! % 100} and Alertmanager`;
    expect(DOCUMENT).toContain(`${of} ${built('ALERTMANAGER').slice(0, 2).join('.')} are built`);
  });

  test('says how long prod waits for what waits less here', () => {
    const { spec } = parse(read('kustomize/base/deployment.yaml'));
    expect(row("a rollout's").slice(2, 4)).toEqual([
      `${spec.progressDeadlineSeconds} s`,
      `${PROGRESS_SECONDS} s`,
    ]);
    const { scaleDown } = parse(read('kustomize/components/autoscaling/horizontal-pod-autoscaler.yaml')).spec
      .behavior;
    expect(row('the autoscaler')[2]).toBe(
      `${scaleDown.stabilizationWindowSeconds} s, ${scaleDown.policies[0].periodSeconds} s`,
    );
    expect(row('`minReadySeconds`')[2]).toStartWith(`${spec.minReadySeconds} s;`);
    const { scrape_configs } = parse(read('kustomize/monitoring/prometheus/prometheus.yml'));
    const { scrape_interval } = scrape_configs.find(
      ({ job_name }: { job_name: string }) => job_name === 'savings',
    );
    const [, pause] = /CANARY_PAUSE_SECONDS:-(\d+)/.exec(read('.github/scripts/canary.sh'))!;
    const { seconds } = spec.template.spec.containers[0].lifecycle.preStop.sleep;
    expect(new Set([`${seconds}s`, scrape_interval, `${pause}s`])).toEqual(new Set(['15s']));
    expect(row('`preStop`')[2]).toBe('15 s each');
  });
});
