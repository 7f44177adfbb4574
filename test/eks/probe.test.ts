import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTemplate } from './cloudformation.ts';

const REPOSITORY = join(import.meta.dir, '../..');
const { Resources, Parameters, Conditions } = readTemplate(join(REPOSITORY, 'eks/probe.yaml'));
const alarm = Resources.Alarm!.Properties;

describe('eks/probe.yaml', () => {
  test('asks what a visitor would reach: the domain, by HTTPS, and whether it can serve', () => {
    expect(Resources.HealthCheck!.Properties.HealthCheckConfig).toMatchObject({
      Type: 'HTTPS',
      FullyQualifiedDomainName: { Ref: 'PublicDomain' },
      EnableSNI: true,
      Port: 443,
      ResourcePath: '/readyz',
      RequestInterval: 30,
      FailureThreshold: 3,
    });
  });

  test('asks a domain, not an address', () => {
    const pattern = new RegExp(Parameters.PublicDomain!.AllowedPattern!);
    for (const good of ['savings.example.org', 'a.b-c.example.co', 'x.xn--p1ai'])
      expect(good).toMatch(pattern);
    for (const bad of [
      '',
      'https://savings.example.org',
      'savings.example.org/',
      'localhost',
      '192.0.2.1',
      '-a.org',
    ])
      expect(bad).not.toMatch(pattern);
  });

  test('calls when it is not healthy, when nothing is known, and when it is well again', () => {
    expect(alarm).toMatchObject({
      Namespace: 'AWS/Route53',
      MetricName: 'HealthCheckStatus',
      Dimensions: [{ Name: 'HealthCheckId', Value: { Ref: 'HealthCheck' } }],
      Statistic: 'Minimum',
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      TreatMissingData: 'breaching',
      AlarmActions: [{ Ref: 'Topic' }],
      OKActions: [{ Ref: 'Topic' }],
    });
  });

  test('writes to who gives an address', () => {
    const { Condition, Properties } = Resources.ByEmail!;
    expect(Conditions[Condition!]).toEqual({ Not: [{ Equals: [{ Ref: 'AlertEmail' }, ''] }] });
    expect(Properties).toEqual({
      TopicArn: { Ref: 'Topic' },
      Protocol: 'email',
      Endpoint: { Ref: 'AlertEmail' },
    });
  });

  test('says where in the runbook to go on', () => {
    const [, section] = /docs\/runbook\.md, "(.+)"/.exec(alarm.AlarmDescription.Sub)!;
    expect(readFileSync(join(REPOSITORY, 'docs/runbook.md'), 'utf8')).toContain(`\n## ${section}\n`);
  });
});
