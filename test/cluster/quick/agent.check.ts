import { beforeAll, describe, expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { startAgent } from '../../../tools/cluster/agent/agent.ts';
import type { KubernetesObject } from '../../../tools/cluster/api-client.ts';
import type { Cluster } from '../../../tools/cluster/cluster.ts';
import { IMAGES } from '../../../tools/cluster/images.ts';
import { CLUSTER_START_MS, cluster } from '../../support/cluster.ts';

let at: Cluster;
beforeAll(async () => {
  at = await cluster();
}, CLUSTER_START_MS);

const PODS = '/api/v1/namespaces/default/pods';
const get = (name: string) => at.api.get(`${PODS}/${name}`);
const listed = (label: string) => at.api.list(`${PODS}?labelSelector=${encodeURIComponent(label)}`);
const gone = (name: string) =>
  get(name).then(
    () => false,
    () => true,
  );
const isReady = ({ status }: KubernetesObject) =>
  status.conditions?.some(
    (condition: { type: string; status: string }) =>
      condition.type === 'Ready' && condition.status === 'True',
  );

const statusOf = ({ status }: KubernetesObject) => status.containerStatuses?.[0];
const containerOf = (pod: string) => at.containers().find((container) => container.pod === pod)!;
const logOf = async (pod: string) => (await at.kubectl(['logs', pod])).stdout;

/** @throws where it ends otherwise than well */
async function must(...command: string[]): Promise<string> {
  const { status, stdout, stderr } = await at.run(command);
  if (status !== 0) throw new Error(`${command.join(' ')}: ${stderr}`);
  return stdout;
}

/** A container of this checkout's program, or of a command in its place. */
const container = (name: string, more: object = {}) => ({
  name,
  image: IMAGES.good,
  securityContext: {
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: false,
    runAsUser: 65532,
    runAsGroup: 65532,
  },
  ...more,
});
const shell = (name: string, script: string, more: object = {}) =>
  container(name, { command: ['/bin/sh', '-c', script], ...more });

const create = (name: string, containers: object[], spec: object = {}, metadata: object = {}) =>
  at.api.request('POST', PODS, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, ...metadata },
    spec: { restartPolicy: 'Never', automountServiceAccountToken: false, containers, ...spec },
  });

describe('a Deployment of this program', () => {
  test("becomes ready and answers at its pods' addresses", async () => {
    await at.api.request('POST', '/apis/apps/v1/namespaces/default/deployments', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'savings' },
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: 'savings' } },
        template: {
          metadata: { labels: { app: 'savings' } },
          spec: {
            serviceAccountName: 'default',
            terminationGracePeriodSeconds: 20,
            containers: [
              container('savings', {
                ports: [{ name: 'http', containerPort: 8080 }],
                env: [
                  ...Object.entries(at.s3.env).map(([name, value]) => ({ name, value })),
                  { name: 'MODEL_VERSION', value: 'channel:dev' },
                ],
                startupProbe: {
                  httpGet: { path: '/livez', port: 'http' },
                  periodSeconds: 1,
                  failureThreshold: 30,
                },
                readinessProbe: { httpGet: { path: '/readyz', port: 'http' }, periodSeconds: 1 },
                volumeMounts: [
                  { name: 'models', mountPath: '/models' },
                  { name: 'spill', mountPath: '/spill' },
                ],
              }),
            ],
            volumes: [
              { name: 'models', emptyDir: {} },
              { name: 'spill', emptyDir: {} },
            ],
          },
        },
      },
    });
    await at.until(
      'two pods are ready',
      async () => (await listed('app=savings')).filter(isReady).length === 2,
    );
    for (const { status } of await listed('app=savings')) {
      expect(status.podIP).toMatch(/^10\.0\./);
      const response = await fetch(`http://${status.podIP}:8080/readyz`);
      expect(response.status).toBe(200);
    }
  }, 90_000);
});
describe('a pod', () => {
  test('finds Services by their names, and the API server by its account', async () => {
    await at.api.request('POST', '/api/v1/namespaces/default/services', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'page' },
      spec: { selector: { app: 'savings' }, ports: [{ port: 80, targetPort: 'http' }] },
    });
    const account = '/var/run/secrets/kubernetes.io/serviceaccount';
    const script = `until curl -sf http://page/livez -o /dev/null; do sleep 0.1; done
      curl -s http://page.default.svc/livez -o /dev/null -w '%{http_code}\\n'
      curl -s --cacert ${account}/ca.crt -H "authorization: Bearer $(cat ${account}/token)" -H 'content-type: application/json' \\
        -d '{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}' \\
        https://$KUBERNETES_SERVICE_HOST/apis/authentication.k8s.io/v1/selfsubjectreviews | grep '"username"'`;
    await create('asking', [shell('main', script)], { automountServiceAccountToken: true });
    await at.until('it has ended', async () => (await get('asking')).status.phase === 'Succeeded');
    expect(await logOf('asking')).toMatch(/^200\n +"username": "system:serviceaccount:default:default",\n$/);
  });

  test('is initialized by one container after the other', async () => {
    const volumeMounts = [{ name: 'shared', mountPath: '/shared' }];
    const initContainers = [
      shell('first', 'echo first > /shared/log', { volumeMounts }),
      shell('second', 'echo second >> /shared/log', { volumeMounts }),
    ];
    const volumes = [{ name: 'shared', emptyDir: {} }];
    await create('initialized', [shell('main', 'cat /shared/log', { volumeMounts })], {
      initContainers,
      volumes,
    });
    await at.until('it has ended', async () => (await get('initialized')).status.phase === 'Succeeded');
    expect((await at.kubectl(['logs', 'initialized', '--container=main'])).stdout).toBe('first\nsecond\n');

    const failing = [shell('first', 'exit 3')];
    await create('not-initialized', [shell('main', 'echo never')], { initContainers: failing });
    await at.until('it has failed', async () => (await get('not-initialized')).status.phase === 'Failed');
    expect(statusOf(await get('not-initialized')).state).toEqual({ waiting: { reason: 'PodInitializing' } });
  });
});

describe('a Job', () => {
  test('runs each index, and its pods end as their exit codes say', async () => {
    const path = '/apis/batch/v1/namespaces/default/jobs';
    await at.api.request('POST', path, {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'indexed' },
      spec: {
        completionMode: 'Indexed',
        completions: 3,
        parallelism: 3,
        backoffLimitPerIndex: 0,
        podFailurePolicy: {
          rules: [
            { action: 'FailIndex', onExitCodes: { containerName: 'job', operator: 'In', values: [2] } },
          ],
        },
        template: {
          spec: {
            restartPolicy: 'Never',
            automountServiceAccountToken: false,
            containers: [shell('job', 'echo index $JOB_COMPLETION_INDEX; exit $JOB_COMPLETION_INDEX')],
          },
        },
      },
    });
    await at.until('the Job has ended', async () => {
      const { status } = await at.api.get(`${path}/indexed`);
      return status.conditions?.some(({ type }: { type: string }) => type === 'Failed') ?? false;
    });
    const { status } = await at.api.get(`${path}/indexed`);
    expect({ done: status.completedIndexes, failed: status.failedIndexes }).toEqual({
      done: '0',
      failed: '1,2',
    });
    const pods = await listed('job-name=indexed');
    const ends = pods.map((pod) => {
      const { exitCode, reason } = pod.status.containerStatuses[0].state.terminated;
      return `${pod.status.phase} ${exitCode} ${reason}`;
    });
    expect(ends.sort()).toEqual(['Failed 1 Error', 'Failed 2 Error', 'Succeeded 0 Completed']);
    const logs = await Promise.all(pods.map((pod) => logOf(pod.metadata.name)));
    expect(logs.sort()).toEqual(['index 0\n', 'index 1\n', 'index 2\n']);
  }, 60_000);
});

describe('a container', () => {
  test('that ends again and again is started again, at once and then after 10 s', async () => {
    await create('crashing', [shell('crash', 'echo run; exit 3')], { restartPolicy: 'Always' });
    const waits = async () => statusOf(await get('crashing'))?.state.waiting?.reason === 'CrashLoopBackOff';
    await at.until('it waits', waits);
    const status = statusOf(await get('crashing'));
    expect(status).toMatchObject({
      ready: false,
      restartCount: 1,
      state: {
        waiting: { message: expect.stringMatching(/^back-off 10s restarting failed container=crash /) },
      },
      lastState: { terminated: { exitCode: 3, reason: 'Error' } },
    });
    expect((await get('crashing')).status.phase).toBe('Running');
    const { stdout } = await at.kubectl(['describe', 'pod', 'crashing']);
    expect(stdout).toMatch(/BackOff .*Back-off restarting failed container=crash/);
  });

  test('whose process is killed is started again', async () => {
    await create('killed', [shell('sleeper', 'exec sleep infinity')], { restartPolicy: 'Always' });
    await at.until('it runs', async () => statusOf(await get('killed'))?.ready);
    process.kill(containerOf('killed').pid, 'SIGKILL');
    await at.until('it runs again', async () => {
      const { restartCount, ready } = statusOf(await get('killed'));
      return restartCount === 1 && ready;
    });
    expect(statusOf(await get('killed')).lastState.terminated).toMatchObject({
      exitCode: 137,
      reason: 'Error',
    });
  });

  test('that its liveness probe finds dead is started again; not before its startup probe found it alive', async () => {
    const port = 8080;
    const answers = (path: string) => ({ httpGet: { path, port }, periodSeconds: 1, failureThreshold: 1 });
    await create(
      'unhealthy',
      [
        container('savings', {
          env: Object.entries({ ...at.s3.env, MODEL_VERSION: 'channel:dev' }).map(([name, value]) => ({
            name,
            value,
          })),
          startupProbe: { ...answers('/livez'), failureThreshold: 30 },
          livenessProbe: answers('/no-such-page'),
          volumeMounts: [
            { name: 'models', mountPath: '/models' },
            { name: 'models', mountPath: '/spill' },
          ],
        }),
      ],
      { restartPolicy: 'Always', volumes: [{ name: 'models', emptyDir: {} }] },
    );
    await at.until('it was started again', async () => statusOf(await get('unhealthy'))?.restartCount > 0);
    expect(statusOf(await get('unhealthy')).lastState.terminated.exitCode).toBe(0);
    const { stdout } = await at.kubectl(['describe', 'pod', 'unhealthy']);
    expect(stdout).toMatch(/Unhealthy .*Liveness probe failed: HTTP probe failed with statuscode: 404/);
    expect(stdout).toMatch(/Killing .*Container savings failed liveness probe, will be restarted/);
  });

  test('waits for a ConfigMap and says which; has its keys as variables and as files', async () => {
    const script =
      'echo $GREETING; cat /config/greeting /config/..data/greeting; id -u; id -G; touch /x || ls /config';
    await create(
      'configured',
      [
        shell('reader', script, {
          envFrom: [{ configMapRef: { name: 'words' } }],
          env: [
            { name: 'GREETING', value: '$(hello) from $(NAME), $$(hello)' },
            { name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          ].reverse(),
          volumeMounts: [{ name: 'config', mountPath: '/config' }],
        }),
      ],
      {
        securityContext: { fsGroup: 4_000 },
        volumes: [{ name: 'config', configMap: { name: 'words', optional: true } }],
      },
    );
    await at.until(
      'it waits',
      async () => statusOf(await get('configured'))?.state.waiting?.message === 'configmap "words" not found',
    );
    expect(statusOf(await get('configured')).state.waiting.reason).toBe('CreateContainerConfigError');
    await at.api.request('POST', '/api/v1/namespaces/default/configmaps', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'words' },
      data: { hello: 'Hello', greeting: 'in a file\n' },
    });
    await at.until('it has ended', async () => (await get('configured')).status.phase === 'Succeeded');
    expect((await logOf('configured')).split('\n')).toEqual([
      'Hello from configured, $(hello)',
      'in a file',
      'in a file',
      '65532',
      '65532 4000',
      "touch: cannot touch '/x': Read-only file system",
      'greeting',
      'hello',
      '',
    ]);
  });
});

describe('the end of a pod', () => {
  const spec = { terminationGracePeriodSeconds: 30, restartPolicy: 'Always' };
  const script = 'trap "echo told; exit 0" TERM; echo up; while :; do sleep 0.05; done';

  test('waits for preStop, tells it to end, and is recorded before it is gone', async () => {
    const lifecycle = { preStop: { sleep: { seconds: 2 } } };
    await create('graceful', [shell('main', script, { lifecycle })], spec, { finalizers: ['test/kept'] });
    await at.until('it runs', async () => statusOf(await get('graceful'))?.ready);
    const { log } = containerOf('graceful');
    const begun = performance.now();
    await at.api.request('DELETE', `${PODS}/graceful`);
    expect(statusOf(await get('graceful')).state.running).toBeDefined();
    await at.until('it has ended', async () => (await get('graceful')).status.phase === 'Succeeded');
    // No sooner than preStop has it; a busy machine may take longer.
    expect(performance.now() - begun).toBeGreaterThan(2_000);
    expect(readFileSync(log, 'utf8')).toBe('up\ntold\n');
    await at.api.request(
      'PATCH',
      `${PODS}/graceful`,
      { metadata: { finalizers: null } },
      'application/merge-patch+json',
    );
    await at.until('it is gone', () => gone('graceful'));
  });

  test('is by force where its time is over', async () => {
    await create('deaf', [shell('main', 'echo up; exec sleep infinity')], spec, {
      finalizers: ['test/kept'],
    });
    await at.until('it runs', async () => statusOf(await get('deaf'))?.ready);
    await at.api.request('DELETE', `${PODS}/deaf`, { gracePeriodSeconds: 1 });
    await at.until('it has ended', async () => (await get('deaf')).status.phase === 'Failed');
    const { exitCode } = statusOf(await get('deaf')).state.terminated;
    await at.api.request(
      'PATCH',
      `${PODS}/deaf`,
      { metadata: { finalizers: null } },
      'application/merge-patch+json',
    );
    expect(exitCode).toBe(137);
  });

  test('is at once when it is deleted by force, and nothing is left of it', async () => {
    await create('forced', [shell('main', script)], spec);
    await at.until('it runs', async () => statusOf(await get('forced'))?.ready);
    const { pid } = containerOf('forced');
    await at.kubectl(['delete', 'pod', 'forced', '--force', '--grace-period=0']);
    await at.until('its process is gone', async () => !existsSync(`/proc/${pid}`));
  });
});

test('what the agent does not do is said, and the pod stays as it is', async () => {
  const livenessProbe = { exec: { command: ['/bin/true'] } };
  await create('demanding', [shell('main', 'exec sleep infinity', { livenessProbe })]);
  await at.until('it is said', async () => statusOf(await get('demanding')) !== undefined);
  const pod = await get('demanding');
  expect(pod.status.phase).toBe('Pending');
  expect(statusOf(pod).state.waiting).toEqual({
    reason: 'NotDoneByAgent',
    message: 'the agent does not do: main.livenessProbe.exec',
  });
});

test('pods that are deleted while they start leave no process and no network behind', async () => {
  const names = Array.from({ length: 12 }, (_, i) => `brief-${i}`);
  await at.api.request('DELETE', '/apis/apps/v1/namespaces/default/deployments/savings', {
    propagationPolicy: 'Foreground',
  });
  for (const { metadata } of await at.api.list(PODS))
    await at.kubectl(['delete', 'pod', metadata.name, '--force', '--grace-period=0']);
  await Promise.all(
    names.map((name) => create(name, [shell('main', 'exec sleep 1234')], { restartPolicy: 'Always' })),
  );
  await Promise.all(
    names.map(async (name, i) => {
      await Bun.sleep(30 * i);
      await at.api.request('DELETE', `${PODS}/${name}`, { gracePeriodSeconds: 0 });
    }),
  );
  await at.until('no pod is there', async () => (await at.api.list(PODS)).length === 0);
  await at.until('no link is left', async () => !Bun.spawnSync(['ip', 'link']).stdout.includes('pod-'));
  await at.until(
    'no process is left',
    async () => !Bun.spawnSync(['ps', 'axo', 'args']).stdout.includes('sleep'),
  );
});

test('an agent that begins anew starts pods again, and ends what one that was killed has left', async () => {
  const runs = [shell('main', 'exec sleep infinity')];
  await create('lasting', runs, { restartPolicy: 'Always' });
  await create('once', runs);
  const isRunning = async (name: string) => statusOf(await get(name))?.ready;
  await at.until('both run', async () => (await isRunning('lasting')) && (await isRunning('once')));
  // As a container looks from outside whose agent was killed.
  const hosts = `${at.folder}/left/pods/${crypto.randomUUID()}/hosts`;
  const leave = `mkdir -p $(dirname ${hosts}); touch ${hosts}; mount --bind ${hosts} /etc/hosts; echo up; exec sleep infinity`;
  const left = Bun.spawn(['unshare', '--mount', 'sh', '-c', leave], { stdout: 'pipe' });
  await left.stdout.getReader().read();
  await must('ip', 'link', 'add', 'pod-0-0', 'type', 'veth', 'peer', 'name', 'left');

  await at.restartAgent();
  await at.until(
    'one runs again',
    async () => statusOf(await get('lasting')).restartCount === 1 && isRunning('lasting'),
  );
  await at.until('one has failed', async () => (await get('once')).status.phase === 'Failed');
  const reason = 'ContainerStatusUnknown';
  expect(statusOf(await get('lasting')).lastState.terminated).toMatchObject({ exitCode: 137, reason });
  expect(statusOf(await get('once')).state.terminated).toMatchObject({ exitCode: 137, reason });
  expect(await left.exited).not.toBe(0);
  expect(await must('ip', 'link')).not.toContain('pod-0-0');
  await at.kubectl(['delete', 'pod', 'lasting', 'once', '--now']);
});

test('there is one agent', async () => {
  const another = startAgent({ api: at.api, folder: `${at.folder}/another`, programs: '' });
  await expect(another).rejects.toThrow('another runs in this network');
});
