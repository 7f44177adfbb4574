/**
 * docs/runbook.md, 'Deploy by canary', by the workflow's own scripts and rights: this checkout's program in the pods, people
 * who come by the public address, and Prometheus asked through the API server's proxy. Three waits are shorter than in
 * prod: between scrapes, before a pod is told to end, and between looks.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { connect, type Socket } from 'node:net';
import { sampleCsv } from '../../../src/dataset/synthetic/sample-csv.ts';
import { MAX_BATCHES } from '../../../src/http/limit.ts';
import type { Cluster } from '../../../tools/cluster/cluster.ts';
import { IMAGES } from '../../../tools/cluster/images.ts';
import { CLUSTER_START_MS, cluster } from '../../support/cluster.ts';
import { everything } from '../support/everything.ts';
import { kubectl } from '../support/kubectl.ts';
import { kubectlLines } from '../support/kubectl-lines.ts';
import { Live } from '../support/live.ts';
import { LiveRepository } from '../support/live-repository.ts';
import { podProcesses } from '../support/processes.ts';

setDefaultTimeout(2 * CLUSTER_START_MS);

const ROWS = [...sampleCsv(100, 1)].join('');
const CANARY = '/api/v1/namespaces/default/pods?labelSelector=track%3Dcanary';

describe('deploy.sh with a canary', () => {
  let k8s: Cluster;
  let repository: LiveRepository;
  let live: Live;
  let url: string;
  let empty: string[];
  beforeAll(async () => {
    k8s = await cluster();
    repository = await LiveRepository.of(k8s);
    live = new Live(k8s);
    repository.edit('kustomize/base/deployment.yaml', (text) => text.replace('seconds: 15', 'seconds: 2'));
    repository.edit('kustomize/monitoring/prometheus/prometheus.yml', (text) =>
      text.replace('scrape_interval: 15s', 'scrape_interval: 3s'),
    );
    repository.push('Wait for less');
    await live.prepare(repository);
    empty = await everything(k8s);
    await kubectl(k8s, ['apply', '-k', 'kustomize/monitoring'], { cwd: repository.checkout });
    const lines = kubectlLines('## 5a. prod: push to main').filter((line) => line.includes('canary-access'));
    expect(await repository.asDocumented(lines)).toMatchObject({ status: 0, stderr: '' });
    expect(await repository.deploy(IMAGES.good)).toMatchObject({ code: 0 });
    await kubectl(k8s, ['rollout', 'status', 'statefulset/prometheus', '-n', 'monitoring', '--timeout=120s']);
    const ip = 'jsonpath={.status.loadBalancer.ingress[0].ip}';
    url = `http://${await kubectl(k8s, ['get', 'service', 'savings', '--output', ip])}`;
    await live.visit();
    repository.env = {
      CANARY_SECONDS: '8',
      CANARY_LIMIT_SECONDS: '120',
      CANARY_PAUSE_SECONDS: '2',
      CANARY_REQUESTS: '50',
    };
  }, CLUSTER_START_MS + 120_000);
  afterAll(async () => {
    await live?.leave();
    repository?.close();
  });

  /** Once the canary is ready: where it is, and its process. */
  async function canary(): Promise<{ address: string; pid: number }> {
    let found: { address: string; pid: number } | undefined;
    await k8s.until('the canary is ready', async () => {
      const [pod] = await k8s.api.list(CANARY);
      const process = podProcesses().find(({ environment }) => environment.HOSTNAME === pod?.metadata.name);
      if (process && pod?.status.containerStatuses?.[0].ready)
        found = { address: pod.status.podIP, pid: process.pid };
      return found !== undefined;
    });
    return found!;
  }

  /** @returns what the deployment said */
  async function deployBadly(badness: () => Promise<void>): Promise<string> {
    const before = await live.state();
    repository.edit('kustomize/base/savings.env', (text) => `${text}#\n`);
    repository.push('Third');
    const [{ code, output }] = await Promise.all([repository.deploy(IMAGES.good), badness()]);
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('goes on as it was') });
    expect(await k8s.api.list(CANARY)).toEqual([]);
    // What is live was not touched: the very pods are there.
    const { template, pods } = await live.state();
    expect({ template, pods }).toEqual({ template: before.template, pods: before.pods });
    expect(repository.history).toHaveLength(2);
    return output;
  }

  test('that does as well as the others is followed by the rollout, and put away', async () => {
    repository.push('Second');
    const { code, output } = await repository.deploy(IMAGES.better);
    expect({ code, output }).toEqual({
      code: 0,
      output: expect.stringMatching(/canary, \d+ s: good: 0 of \d+ requests failed/),
    });
    expect(await live.images()).toEqual([IMAGES.better]);
    expect(await k8s.api.list(CANARY)).toEqual([]);
  });

  test('that answers 503 is taken back', async () => {
    // A bad one is found sooner; it must not be taken for a good one on a machine that is slow to find it.
    repository.env.CANARY_SECONDS = '120';
    // It has as many uploads as it takes, and none of them goes on. The others' have room.
    const stuck: Socket[] = [];
    let going = true;
    const statuses = new Set<number>();
    const upload = async () => {
      const headers = { 'content-type': 'text/csv' };
      const answer = await fetch(`${url}/batch`, { method: 'POST', headers, body: ROWS, keepalive: false });
      await answer.bytes();
      statuses.add(answer.status);
    };
    const output = await deployBadly(async () => {
      const { address } = await canary();
      for (let i = 0; i < MAX_BATCHES; i++) {
        const socket = connect(8080, address);
        socket.on('error', () => {});
        socket.write(
          'POST /batch HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nContent-Length: 100000\r\n\r\n',
        );
        stuck.push(socket);
      }
      void (async () => {
        while (going) await upload().catch(() => {});
      })();
    }).finally(() => {
      going = false;
      for (const socket of stuck) socket.destroy();
    });
    expect(output).toMatch(/worse: \d+ of \d+ requests failed/);
    expect(statuses).toEqual(new Set([200, 503]));
  });

  test('that ends by itself is taken back', async () => {
    // As the kernel ends what takes too much memory.
    const output = await deployBadly(async () => {
      process.kill((await canary()).pid, 'SIGKILL');
    });
    expect(output).toMatch(/its pod ended by itself and was started again|did not become ready/);
  });

  test('is torn down with all, but for what eks/README.md says', async () => {
    await live.leave();
    const lines = kubectlLines('## Back to nothing');
    expect(lines).toHaveLength(2);
    const ended = await repository.asDocumented(lines, { ENVIRONMENT: 'prod' });
    expect(ended).toMatchObject({ status: 0, stderr: '' });
    const left = async () => (await everything(k8s)).filter((object) => !empty.includes(object));
    const stays =
      /^(ConfigMap default savings-[a-z0-9]{10}|(Deployment|ReplicaSet) default savings-canary\S*)$/;
    // Pods take their time to leave.
    await k8s.until('no more is left', async () => (await left()).every((object) => stays.test(object)), 90);
    expect(await left()).toContain('Deployment default savings-canary');
  });
});
