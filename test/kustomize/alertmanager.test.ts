import { beforeAll, describe, expect, test } from 'bun:test';
import { type Manifest, render } from '../support/kustomize.ts';
import { renders } from './manifests.ts';

const COMPONENT = 'kustomize/components/alertmanager';

describe.skipIf(!renders)('kustomize/components/alertmanager', () => {
  let all: Manifest[];
  const one = (kind: string, name: string) =>
    all.find((manifest) => manifest.kind === kind && manifest.metadata.name === name)!;

  beforeAll(() => {
    all = render('kustomize/monitoring', [COMPONENT])
      .filter(({ file }) => file.startsWith(COMPONENT))
      .map(({ manifest }) => manifest);
  });

  test('is spoken to by Prometheus alone', () => {
    const { spec } = one('NetworkPolicy', 'prometheus-to-alertmanager');
    expect(spec.ingress).toEqual([
      {
        from: [{ podSelector: { matchLabels: { 'app.kubernetes.io/name': 'prometheus' } } }],
        ports: [{ port: 'web', protocol: 'TCP' }],
      },
    ]);
  });

  test('reaches names, whoever takes its messages, and the address of Pod Identity, but no metadata', () => {
    const { egress } = one('NetworkPolicy', 'alertmanager-to-receivers').spec;
    const ports = egress.map((rule: { ports: { port: number }[] }) => rule.ports.map(({ port }) => port));
    expect(ports).toEqual([[53, 53], [443, 587], [80]]);
    expect(egress[1].to.map(({ ipBlock }: { ipBlock: object }) => ipBlock)).toEqual([
      { cidr: '0.0.0.0/0', except: ['169.254.0.0/16'] },
      { cidr: '::/0', except: ['fd00:ec2::/32', 'fe80::/10'] },
    ]);
    // Pod Identity's alone, not the one of the nodes' credentials.
    expect(egress[2].to.map(({ ipBlock }: { ipBlock: { cidr: string } }) => ipBlock.cidr)).toEqual([
      '169.254.170.23/32',
      'fd00:ec2::23/128',
    ]);
  });

  test('has no token of Kubernetes, and nothing that it may write but its own memory', () => {
    const { spec } = one('Deployment', 'alertmanager').spec.template;
    expect(spec.automountServiceAccountToken).toBe(false);
    expect(spec.containers[0].securityContext.readOnlyRootFilesystem).toBe(true);
    expect(all.map(({ kind }) => kind)).not.toContain('RoleBinding');
  });
});
