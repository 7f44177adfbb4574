import { beforeAll, describe, expect, test } from 'bun:test';
import { readConfig, SETTING_NAMES } from '../../src/config.ts';
import { healthRoutes } from '../../src/http/health.ts';
import { Manifests, OVERLAYS, renders } from './manifests.ts';

/** Read by the AWS SDK, not by us. */
const SDK_NAMES = ['AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];

/** Read by Bun. */
const RUNTIME_NAMES = ['BUN_JSC_forceRAMSize'];

/** What SIGTERM's grace leaves for starting and ending a process. */
const MARGIN_SECONDS = 5;

describe.skipIf(!renders).each(OVERLAYS)('kustomize/overlays/%s', (overlay) => {
  let manifests: Manifests;
  beforeAll(() => {
    manifests = new Manifests(overlay);
  });

  test('names only settings that the server knows, with values that it accepts', () => {
    const { environment } = manifests;
    for (const name of Object.keys(environment))
      expect([...SETTING_NAMES, ...SDK_NAMES, ...RUNTIME_NAMES]).toContain(name);
    readConfig({ ...environment, MODEL_BUCKET: 'a-bucket' });
  });

  test('tells the runtime how much memory it may use', () => {
    const [, limit] = /^(\d+)Mi$/.exec(manifests.container.resources.limits.memory)!;
    const value = String(0.75 * Number(limit) * 1024 ** 2);
    expect(manifests.container.env).toContainEqual({ name: 'BUN_JSC_forceRAMSize', value });
  });

  test('reads its models from a bucket, or refuses to start until one is named', () => {
    const bucket = manifests.environment.MODEL_BUCKET;
    if (bucket?.startsWith('SET-')) {
      expect(() => readConfig(manifests.environment)).toThrow(/MODEL_BUCKET/);
    } else {
      expect(readConfig(manifests.environment).bucket?.name).toBe(bucket!);
    }
    expect(manifests.environment.AWS_REGION).toMatch(/^[a-z]{2}(-[a-z]+)+-\d$/);
  });

  test("follows its own environment's channel", () => {
    expect(readConfig({ ...manifests.environment, MODEL_BUCKET: 'a-bucket' }).modelSelector).toEqual({
      channel: overlay,
    });
  });

  test("lines its ports up with the server's", () => {
    const { port, metricsPort } = readConfig({ ...manifests.environment, MODEL_BUCKET: 'a-bucket' });
    expect(manifests.ports).toEqual({ http: port, metrics: metricsPort });
  });

  test('is public by one port, which is not the one for metrics', () => {
    const { spec } = manifests.one('Service');
    expect(spec.type).toBe('LoadBalancer');
    expect(spec.ports.map(({ targetPort }: { targetPort: string }) => targetPort)).toEqual(['http']);
  });

  test('selects its own pods', () => {
    const { labels } = manifests.pod.metadata;
    const deployment = manifests.one('Deployment').spec;
    expect(deployment.selector.matchLabels).toEqual({ 'app.kubernetes.io/name': 'savings', track: 'stable' });
    const selectors = [
      deployment.selector.matchLabels,
      manifests.one('Service').spec.selector,
      manifests.one('PodDisruptionBudget').spec.selector.matchLabels,
      ...manifests.pod.spec.topologySpreadConstraints.map(
        (constraint: { labelSelector: { matchLabels: object } }) => constraint.labelSelector.matchLabels,
      ),
    ];
    for (const selector of selectors) {
      expect(selector).not.toEqual({});
      expect(labels).toMatchObject(selector);
    }
  });

  test('probes routes that the server has', () => {
    const routes = healthRoutes({} as Parameters<typeof healthRoutes>[0]).routes.map(({ path }) => path);
    const { startupProbe, livenessProbe, readinessProbe } = manifests.container;
    for (const { httpGet } of [startupProbe, livenessProbe, readinessProbe]) {
      expect(routes).toContain(httpGet.path);
      expect(httpGet.port).toBe('http');
    }
    // With S3 down a new pod never gets ready; restarting it would not help.
    expect([startupProbe.httpGet.path, livenessProbe.httpGet.path]).toEqual(['/livez', '/livez']);
    expect(readinessProbe.httpGet.path).toBe('/readyz');
  });

  test('has time to finish what it was asked before it is killed', () => {
    const { shutdownGraceMs } = readConfig({ ...manifests.environment, MODEL_BUCKET: 'a-bucket' });
    const { readinessProbe, lifecycle } = manifests.container;
    const preStop = lifecycle.preStop.sleep.seconds;
    expect(preStop + shutdownGraceMs / 1000 + MARGIN_SECONDS).toBeLessThanOrEqual(
      manifests.pod.spec.terminationGracePeriodSeconds,
    );
    expect(preStop).toBeGreaterThan(readinessProbe.periodSeconds * readinessProbe.failureThreshold);
  });

  test('never has fewer ready pods in a rollout than before it', () => {
    const { strategy, minReadySeconds, progressDeadlineSeconds } = manifests.one('Deployment').spec;
    expect(strategy).toEqual({ type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } });
    expect(minReadySeconds).toBeGreaterThan(0);
    expect(progressDeadlineSeconds).toBeLessThan(180); // what the deployment waits for a rollout
  });

  test('lets nodes be drained', () => {
    expect(manifests.one('PodDisruptionBudget').spec).toMatchObject({
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    });
  });

  test('rolls when a setting changes', () => {
    const { name } = manifests.one('ConfigMap').metadata;
    expect(name).toMatch(/^savings-[a-z0-9]{10}$/);
    expect(manifests.container.envFrom).toEqual([{ configMapRef: { name } }]);
  });

  test('meets the restricted Pod Security Standard, on a read-only root', () => {
    const { spec } = manifests.pod;
    expect(spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 65532,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(manifests.container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    for (const field of ['hostNetwork', 'hostPID', 'hostIPC']) expect(spec[field]).toBeUndefined();
    expect(spec.automountServiceAccountToken).toBe(false);
    expect(spec.serviceAccountName).toBe(manifests.one('ServiceAccount').metadata.name);
  });

  test('can write its models and what is uploaded, within bounds, and nothing else', () => {
    const { volumes } = manifests.pod.spec;
    const { environment, container } = manifests;
    expect(container.volumeMounts).toEqual([
      { name: 'models', mountPath: environment.MODEL_DIR },
      { name: 'spill', mountPath: environment.UPLOAD_SPILL_DIR },
    ]);
    expect(volumes).toEqual([
      { name: 'models', emptyDir: { sizeLimit: expect.stringMatching(/^\d+Mi$/) } },
      { name: 'spill', emptyDir: { sizeLimit: expect.stringMatching(/^\d+Mi$/) } },
    ]);
    // A pod that passes one of these is evicted, so the server must come to its own bound first.
    const MI = 2 ** 20;
    const [models, spill] = volumes.map(({ emptyDir }: { emptyDir: { sizeLimit: string } }) =>
      Number.parseInt(emptyDir.sizeLimit, 10),
    );
    const config = readConfig({ ...environment, MODEL_BUCKET: 'a-bucket' });
    expect(spill * MI).toBeGreaterThan(config.spill.maxBytes * 1.05);
    const limit = container.resources.limits['ephemeral-storage'];
    expect(limit).toMatch(/^\d+Gi$/);
    expect(Number.parseInt(limit, 10) * 1024).toBeGreaterThan(models + spill);
  });

  test('runs an image by its digest, or one that cannot exist until there is one', () => {
    expect(manifests.container.image).toMatch(/^([^/]+\.invalid\/\S+|\S+\/\S+@sha256:[0-9a-f]{64})$/);
  });

  test('holds no secret', () => {
    expect(manifests.ofKind('Secret')).toEqual([]);
    expect(JSON.stringify(manifests.all)).not.toMatch(/AKIA|ASIA|SECRET|PRIVATE KEY|password/i);
  });

  test('stays in the default namespace', () => {
    for (const { metadata } of manifests.all) expect(metadata.namespace).toBe('default');
  });
});

describe.skipIf(!renders)('replicas', () => {
  test('dev has one, and no autoscaler', () => {
    const dev = new Manifests('dev');
    expect(dev.one('Deployment').spec.replicas).toBe(1);
    expect(dev.ofKind('HorizontalPodAutoscaler')).toEqual([]);
  });

  test('prod leaves them to its autoscaler, which an apply does not undo', () => {
    const prod = new Manifests('prod');
    expect(prod.one('Deployment').spec.replicas).toBeUndefined();
    const { spec } = prod.one('HorizontalPodAutoscaler');
    expect(spec.scaleTargetRef).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      name: prod.one('Deployment').metadata.name,
    });
    expect(spec).toMatchObject({ minReplicas: 2, maxReplicas: 6 });
    // A share of what is requested, so something must be.
    expect(spec.metrics[0].resource).toMatchObject({ name: 'cpu', target: { type: 'Utilization' } });
    expect(prod.container.resources.requests.cpu).toBeDefined();
  });
});
