import { beforeAll, describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SETTING_NAMES } from '../../src/config.ts';
import { parseArguments } from '../../src/cli/arguments.ts';
import { EXIT, EXIT_VERDICT } from '../../src/cli/command.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { GATED } from '../../src/cli/gate.ts';
import type { Manifest } from '../support/kustomize.ts';
import { Manifests, renders } from './manifests.ts';

const ROOT = join(import.meta.dir, '../..');

describe.skipIf(!renders).each(['batch-scoring', 'retrain'])('kustomize/components/%s', (component) => {
  let manifests: Manifests;
  let cronJob: Manifest;
  // biome-ignore lint/suspicious/noExplicitAny: the schema check says what may stand here
  let job: any, pod: any, container: any;
  /** What its pods get from ConfigMaps, and their own values. */
  let env: Record<string, string>;
  beforeAll(() => {
    manifests = new Manifests('prod', ['network-policy', component]);
    cronJob = manifests.one('CronJob');
    job = cronJob.spec.jobTemplate.spec;
    pod = job.template.spec;
    container = pod.containers[0];
    const given = container.envFrom.map(
      ({ configMapRef }: { configMapRef: { name: string } }) =>
        manifests.ofKind('ConfigMap').find(({ metadata }) => metadata.name === configMapRef.name)!.data,
    );
    const own = (container.env ?? []).map(({ name, value }: { name: string; value: string }) => [
      name,
      value,
    ]);
    env = Object.assign({}, ...given, Object.fromEntries(own));
  });

  test("runs the Deployment's image, as restricted as the Deployment", () => {
    const server = manifests.pod.spec;
    expect(container.image).toBe(server.containers[0].image);
    expect(container.securityContext).toEqual(server.containers[0].securityContext);
    expect(pod.securityContext).toEqual(server.securityContext);
    expect([pod.automountServiceAccountToken, pod.enableServiceLinks, pod.restartPolicy]).toEqual([
      false,
      false,
      'Never',
    ]);
    expect(pod.containers).toHaveLength(1);
    expect(container.ports).toBeUndefined();
    expect(container.resources.limits.cpu).toBeUndefined();
    expect(container.resources).toMatchObject({
      requests: { memory: expect.any(String) },
      limits: { memory: expect.any(String) },
    });
  });

  test('nothing of the server selects its pods: no traffic, no budget, no policy but its own', () => {
    const { labels } = job.template.metadata;
    const server = [
      manifests.one('Service').spec.selector,
      manifests.one('PodDisruptionBudget').spec.selector.matchLabels,
      manifests.named('NetworkPolicy', 'savings').spec.podSelector.matchLabels,
      manifests.one('Deployment').spec.selector.matchLabels,
    ];
    for (const selector of server) expect(labels).not.toMatchObject(selector);
    const policy = manifests.named('NetworkPolicy', 'savings-jobs').spec;
    expect(labels).toMatchObject(policy.podSelector.matchLabels);
    expect([policy.policyTypes, policy.ingress]).toEqual([['Ingress', 'Egress'], undefined]);
    expect(policy.egress).toEqual(manifests.named('NetworkPolicy', 'savings').spec.egress);
  });

  test('gives the command what it takes, and names no variable that is not there', async () => {
    const args: string[] = container.args.map((arg: string) =>
      arg.replace(/\$\((\w+)\)/g, (_, name: string) => {
        expect(Object.keys(env)).toContain(name);
        return env[name]!;
      }),
    );
    const command = await COMMANDS[args[0]!]!.load();
    const { values } = await parseArguments(args.slice(1), command);
    expect(values).not.toEqual({});
    for (const name of Object.keys(env).filter((key) => !['AWS_REGION', 'MODEL_PRIVATE_KEY'].includes(key)))
      expect([...SETTING_NAMES, 'FROM', 'TO', 'DATA', 'NEWEST', 'CHANNEL']).toContain(name);
  });

  test('has an account of its own, and refuses to run until a bucket is named', () => {
    expect(manifests.ofKind('ServiceAccount').map(({ metadata }) => metadata.name)).toContain(
      pod.serviceAccountName,
    );
    expect(pod.serviceAccountName).not.toBe('savings');
    for (const name of ['FROM', 'TO', 'DATA'])
      if (env[name] !== undefined) expect(env[name]).toMatch(/^s3:\/\/(SET-|savings-data-)/);
  });

  test('does again what a lost node ended, and not what would end alike', () => {
    const [disrupted, byCode] = job.podFailurePolicy.rules;
    expect(disrupted).toEqual({
      action: 'Ignore',
      onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }],
    });
    expect(byCode.onExitCodes).toMatchObject({ containerName: container.name, operator: 'In' });
    expect(byCode.onExitCodes.values).toContain(EXIT.wrongUse);
    for (const code of [EXIT.done, EXIT.failed]) expect(byCode.onExitCodes.values).not.toContain(code);
  });
});

describe.skipIf(!renders)('kustomize/components/batch-scoring', () => {
  test('is a template of an Indexed Job that is never due, with a shard for each completion', () => {
    const { spec } = new Manifests('prod', ['batch-scoring']).one('CronJob');
    expect(spec.suspend).toBe(true);
    const job = spec.jobTemplate.spec;
    expect(job).toMatchObject({ completionMode: 'Indexed', backoffLimitPerIndex: expect.any(Number) });
    const [container] = job.template.spec.containers;
    const { value } = container.env.find(({ name }: { name: string }) => name === 'SHARD_COUNT');
    expect(value).toBe(String(job.completions));
    expect(job.completions).toBeGreaterThan(1);
    expect(job.parallelism).toBeLessThanOrEqual(job.completions);
    expect(job.podFailurePolicy.rules[1].action).toBe('FailIndex');
  });
});

describe.skipIf(!renders)('kustomize/components/retrain', () => {
  const file = 'kustomize/components/retrain/savings.model.json';

  test('trains by the description of the savings model', () => {
    const own = readFileSync(join(ROOT, file), 'utf8');
    expect(own).toBe(readFileSync(join(ROOT, 'src/training/description/savings.model.json'), 'utf8'));
    const described = new Manifests('prod', ['retrain'])
      .ofKind('ConfigMap')
      .find(({ metadata }) => metadata.name.startsWith('retrain-description-'));
    expect(described!.data['savings.model.json']).toBe(own);
  });

  test('runs once at a time, and a worse model is not made again', () => {
    const { spec } = new Manifests('prod', ['retrain']).one('CronJob');
    expect(spec).toMatchObject({ concurrencyPolicy: 'Forbid', timeZone: 'Etc/UTC' });
    const [, { action, onExitCodes }] = spec.jobTemplate.spec.podFailurePolicy.rules;
    expect([action, onExitCodes.values]).toEqual([
      'FailJob',
      [EXIT.wrongUse, ...Object.values(EXIT_VERDICT)],
    ]);
  });

  test('promotes to no channel that people are served by, and signs with a Secret that is not in git', () => {
    const manifests = new Manifests('prod', ['retrain']);
    const settings = manifests.ofKind('ConfigMap').find(({ data }) => data.CHANNEL !== undefined)!;
    expect(settings.data.CHANNEL).toBe('challenger');
    expect(settings.data.CHANNEL).not.toMatch(GATED);
    expect(manifests.ofKind('Secret')).toEqual([]);
    const pod = manifests.one('CronJob').spec.jobTemplate.spec.template.spec;
    expect(pod.volumes).toContainEqual({
      name: 'signing',
      secret: { secretName: 'savings-signing-key', optional: true, defaultMode: 0o440 },
    });
    const [{ mountPath }] = pod.containers[0].volumeMounts.filter(
      ({ name }: { name: string }) => name === 'signing',
    );
    expect(pod.containers[0].env).toEqual([{ name: 'MODEL_PRIVATE_KEY', value: `${mountPath}/model.key` }]);
  });
});
