import { beforeAll, describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { readTemplate } from '../eks/cloudformation.ts';
import { type Manifest, render } from '../support/kustomize.ts';
import { renders } from './manifests.ts';

const EKS = join(import.meta.dir, '../../eks');
const { Resources } = readTemplate(join(EKS, 'aws.yaml'));

describe.skipIf(!renders)('kustomize/logs', () => {
  let all: Manifest[];
  const one = (kind: string) => all.find((manifest) => manifest.kind === kind)!;
  const settings = () => parse(one('ConfigMap').data['fluent-bit.yaml']);

  beforeAll(() => {
    all = render('kustomize/logs').map(({ manifest }) => manifest);
  });

  test('runs as the service account that the role trusts, and that the documents give it to', () => {
    const account = one('ServiceAccount').metadata;
    expect(one('DaemonSet').spec.template.spec.serviceAccountName).toBe(account.name);
    const role = Resources.LogsRole!.Properties;
    expect(role.AssumeRolePolicyDocument.Statement[0].Condition.StringEquals).toEqual({
      'aws:RequestTag/kubernetes-namespace': account.namespace,
      'aws:RequestTag/kubernetes-service-account': account.name,
    });
    const readme = readFileSync(join(EKS, 'README.md'), 'utf8').replaceAll(/\\\n\s*/g, '');
    expect(readme).toContain(
      `--namespace ${account.namespace} --service-account ${account.name} --role-arn "arn:aws:iam::$ACCOUNT_ID:role/${role.RoleName}"`,
    );
  });

  test('writes to the group that the stack makes, which keeps 30 days', () => {
    const [output] = settings().pipeline.outputs;
    const { LogGroupName, RetentionInDays } = Resources.PodLogs!.Properties;
    expect(output.log_group_name).toBe(LogGroupName);
    expect(RetentionInDays).toBe(30);
  });

  test('reads the logs of our two namespaces, but not its own, and tells pods apart', () => {
    const [input] = settings().pipeline.inputs;
    const file = `savings-7d9c5b-x2x4z_default_savings-${'0a'.repeat(32)}.log`;
    const globs = input.path
      .split(',')
      .map((glob: string) => new RegExp(`^${glob.replaceAll('.', '\\.').replaceAll('*', '.*')}$`));
    const read = (name: string) => globs.some((glob: RegExp) => glob.test(`/var/log/containers/${name}`));
    expect([file, file.replace('_default_', '_monitoring_')].map(read)).toEqual([true, true]);
    expect(read(file.replace('_default_', '_kube-system_'))).toBe(false);
    expect(input.exclude_path).toBe('/var/log/containers/fluent-bit-*.log');
    const groups = new RegExp(input.tag_regex).exec(`/var/log/containers/${file}`)!.groups!;
    const tag = input.tag.replaceAll(/<(\w+)>/g, (_: string, name: string) => groups[name]);
    expect(tag).toBe('default.savings-7d9c5b-x2x4z.savings');
  });

  test('changes nothing on its node but its own state, and has a bound for what it holds', () => {
    const { containers, volumes } = one('DaemonSet').spec.template.spec;
    const [container] = containers;
    expect(container.image).toMatch(/:\d+\.\d+\.\d+$/);
    expect(container.securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    const writable = container.volumeMounts
      .filter(({ readOnly }: { readOnly?: boolean }) => !readOnly)
      .map(({ name }: { name: string }) => volumes.find((volume: { name: string }) => volume.name === name));
    expect(writable).toEqual([
      { name: 'state', hostPath: { path: '/var/lib/savings-fluent-bit', type: 'DirectoryOrCreate' } },
    ]);
    expect(container.resources.limits.memory).toBeDefined();
    expect(settings().pipeline.outputs[0]['storage.total_limit_size']).toBeDefined();
  });
});
