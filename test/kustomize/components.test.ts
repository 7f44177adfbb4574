import { describe, expect, test } from 'bun:test';
import { readConfig, SETTING_NAMES } from '../../src/config.ts';
import { COMPONENTS, Manifests, renders } from './manifests.ts';

describe.skipIf(!renders)('kustomize/components', () => {
  test('all go together on prod', () => {
    const { all } = new Manifests('prod', COMPONENTS);
    const names = all.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
    for (const { metadata } of all) expect(metadata.namespace).toBe('default');
  });

  test('network-policy lets everyone in to the page, and monitoring alone to the metrics', () => {
    const manifests = new Manifests('dev', ['network-policy']);
    const { spec } = manifests.named('NetworkPolicy', 'savings');
    expect(manifests.pod.metadata.labels).toMatchObject(spec.podSelector.matchLabels);
    expect(spec.policyTypes).toEqual(['Ingress', 'Egress']);
    expect(spec.ingress).toEqual([
      { ports: [{ port: 'http', protocol: 'TCP' }] },
      {
        from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
        ports: [{ port: 'metrics', protocol: 'TCP' }],
      },
    ]);
    expect(manifests.ports).toMatchObject({ http: expect.any(Number), metrics: expect.any(Number) });
  });

  test('network-policy lets out to DNS, S3 and the Pod Identity agent only', () => {
    const { egress } = new Manifests('dev', ['network-policy']).named('NetworkPolicy', 'savings').spec;
    const ports = egress.flatMap((rule: { to: unknown[]; ports: { port: number }[] }) => {
      expect(rule.to).not.toEqual([]);
      return rule.ports.map(({ port }) => port);
    });
    expect(ports).toEqual([53, 53, 443, 80]);
    expect(egress[1].to).toEqual([
      { ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.0.0/16'] } },
      { ipBlock: { cidr: '::/0', except: ['fd00:ec2::/32', 'fe80::/10'] } },
    ]);
    expect(egress[2].to).toEqual([
      { ipBlock: { cidr: '169.254.170.23/32' } },
      { ipBlock: { cidr: 'fd00:ec2::23/128' } },
    ]);
  });

  test('static-aws-keys reads an optional Secret that is not in git', () => {
    const manifests = new Manifests('dev', ['static-aws-keys']);
    expect(manifests.ofKind('Secret')).toEqual([]);
    const refs = manifests.container.env.filter(
      (variable: { valueFrom?: { secretKeyRef?: object } }) => variable.valueFrom?.secretKeyRef,
    );
    expect(refs).toEqual(
      ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'].map((key) => ({
        name: key,
        valueFrom: { secretKeyRef: { name: 'savings-aws-keys', key, optional: true } },
      })),
    );
    expect(manifests.environment.MODEL_DIR).toBe('/models');
  });

  test('prometheus-operator finds the metrics port of our pods', () => {
    const manifests = new Manifests('dev', ['prometheus-operator']);
    const { selector, podMetricsEndpoints } = manifests.one('PodMonitor').spec;
    expect(manifests.pod.metadata.labels).toMatchObject(selector.matchLabels);
    expect(Object.keys(manifests.ports)).toContain(podMetricsEndpoints[0].port);
  });

  test('tls-certificate leaves no port that speaks plain HTTP', () => {
    const { spec, metadata } = new Manifests('prod', ['tls-certificate']).one('Service');
    expect(spec.ports).toEqual([{ name: 'https', port: 443, targetPort: 'http', protocol: 'TCP' }]);
    const prefix = 'service.beta.kubernetes.io/aws-load-balancer';
    expect(metadata.annotations).toMatchObject({
      [`${prefix}-type`]: 'nlb',
      [`${prefix}-ssl-ports`]: 'https',
      [`${prefix}-ssl-negotiation-policy`]: expect.stringContaining('TLS13'),
    });
    expect(metadata.annotations?.[`${prefix}-ssl-cert`]).toMatch(/^(arn:aws:acm:|SET-)/);
  });

  test('ab-test sets what the server accepts', () => {
    const { environment } = new Manifests('prod', ['ab-test']);
    expect(environment).toMatchObject({
      MODEL_VERSION: 'channel:prod',
      MODEL_CHALLENGER: 'channel:challenger',
    });
    for (const name of Object.keys(environment).filter(
      (key) => !['AWS_REGION', 'BUN_JSC_forceRAMSize'].includes(key),
    )) {
      expect(SETTING_NAMES).toContain(name);
    }
    readConfig({ ...environment, MODEL_BUCKET: 'a-bucket' });
  });
});
