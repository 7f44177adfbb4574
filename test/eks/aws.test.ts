import { describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { list, readTemplate, type Statement } from './cloudformation.ts';

const template = readTemplate(join(import.meta.dir, '../../eks/aws.yaml'));
const { Resources, Parameters } = template;

const trust = (role: string): Statement => Resources[role]!.Properties.AssumeRolePolicyDocument.Statement[0];
const allowed = (role: string): Statement[] =>
  Resources[role]!.Properties.Policies.flatMap(
    (policy: { PolicyDocument: { Statement: Statement[] } }) => policy.PolicyDocument.Statement,
  );
const roles = Object.keys(Resources).filter((name) => Resources[name]!.Type === 'AWS::IAM::Role');

describe('eks/aws.yaml: the image repository', () => {
  const images = Resources.Images!.Properties;

  test('never lets a tag move, and scans what is pushed', () => {
    expect(images.ImageTagMutability).toBe('IMMUTABLE');
    expect(images.ImageScanningConfiguration).toEqual({ ScanOnPush: true });
  });

  test('has a lifecycle that keeps the last deployments', () => {
    const { rules } = JSON.parse(images.LifecyclePolicy.LifecyclePolicyText);
    expect(rules[0].selection).toMatchObject({ tagStatus: 'tagged', countType: 'imageCountMoreThan' });
    expect(rules[0].selection.countNumber).toBeGreaterThanOrEqual(20);
    expect(rules[1].selection.tagStatus).toBe('untagged');
  });
});

describe('eks/aws.yaml: the model bucket', () => {
  const bucket = Resources.Models!.Properties;
  const policy: Statement[] = Resources.ModelsPolicy!.Properties.PolicyDocument.Statement;

  test('is versioned, encrypted and closed to the public, and outlives its stack', () => {
    expect(bucket.VersioningConfiguration).toEqual({ Status: 'Enabled' });
    expect(bucket.BucketEncryption).toBeDefined();
    expect(Object.values(bucket.PublicAccessBlockConfiguration)).toEqual([true, true, true, true]);
    expect(Resources.Models!.DeletionPolicy).toBe('Retain');
    expect(Resources.Images!.DeletionPolicy).toBe('Retain');
    // A bucket without its policy would take a version twice.
    expect(Resources.ModelsPolicy!.DeletionPolicy).toBe('Retain');
  });

  test('lets nobody delete a version, whose name would then be free again', () => {
    const [denial] = policy.filter(({ Sid }) => Sid === 'VersionsAreNotDeleted');
    expect(denial).toEqual({
      Sid: 'VersionsAreNotDeleted',
      Effect: 'Deny',
      Principal: '*',
      Action: ['s3:DeleteObject', 's3:DeleteObjectVersion'],
      Resource: { Sub: `\${Models.Arn}/versions/*` },
    });
  });

  test('takes a version once, and a channel only by compare-and-swap', () => {
    const denials = policy.filter(({ Action }) => Action === 's3:PutObject');
    for (const { Effect, Principal } of denials) expect([Effect, Principal]).toEqual(['Deny', '*']);
    // A key that is 'true' under Null means: the request does not have this header.
    expect(denials.map(({ Resource, Condition }) => [Resource, Condition?.Null])).toEqual([
      [{ Sub: `\${Models.Arn}/versions/*` }, { 's3:if-none-match': 'true' }],
      [{ Sub: `\${Models.Arn}/channels/*` }, { 's3:if-none-match': 'true', 's3:if-match': 'true' }],
    ]);
    // Parts of a multipart upload cannot carry the header; its completion must.
    for (const { Condition } of denials)
      expect(Condition?.Bool).toEqual({ 's3:ObjectCreationOperation': 'true' });
  });

  test('speaks TLS only', () => {
    expect(policy).toContainEqual(
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    );
  });
});

describe('eks/aws.yaml: the bucket of rows', () => {
  const bucket = Resources.Data!.Properties;

  test('is encrypted and closed to the public, and forgets what is deleted', () => {
    expect(bucket.VersioningConfiguration).toBeUndefined();
    expect(bucket.BucketEncryption).toBeDefined();
    expect(Object.values(bucket.PublicAccessBlockConfiguration)).toEqual([true, true, true, true]);
    expect(Resources.Data!.DeletionPolicy).toBe('Retain');
    expect(Resources.DataPolicy!.Properties.PolicyDocument.Statement).toEqual([
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    ]);
  });
});

describe('eks/aws.yaml: the roles', () => {
  test.each([
    ['PushRole', 'ref:refs/heads/main'],
    ['DeployRole', 'environment:production'],
    ['PublishRole', 'environment:models'],
  ])('%s is for one kind of job of one repository', (role, subject) => {
    expect(trust(role).Action).toBe('sts:AssumeRoleWithWebIdentity');
    expect(trust(role).Condition).toEqual({
      StringEquals: {
        'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
        'token.actions.githubusercontent.com:sub': { Sub: `repo:\${GitHubRepository}:${subject}` },
      },
    });
  });

  test('the repository is named in either form of its subject, and never by a wildcard', () => {
    const pattern = new RegExp(Parameters.GitHubRepository!.AllowedPattern!);
    for (const good of ['owner/name', 'Owner-1@42/my.name@4711']) expect(good).toMatch(pattern);
    for (const bad of ['owner/*', '*', 'owner', 'owner/name:ref', '']) expect(bad).not.toMatch(pattern);
  });

  test.each([
    ['ReadRole', 'savings'],
    ['ScoreRole', 'savings-score'],
    ['TrainRole', 'savings-train'],
  ])('%s is for one service account in our clusters', (role, account) => {
    expect(trust(role).Principal).toEqual({ Service: 'pods.eks.amazonaws.com' });
    expect(trust(role).Condition?.StringEquals).toEqual({
      'aws:RequestTag/kubernetes-namespace': 'default',
      'aws:RequestTag/kubernetes-service-account': account,
    });
    expect(trust(role).Condition?.ArnLike).toBeDefined();
  });

  test('may do what they are for and nothing more', () => {
    const actions = (role: string) => allowed(role).flatMap(({ Action }) => list(Action));
    const forWorkflowsAndPods = [
      'PushRole',
      'DeployRole',
      'PublishRole',
      'ReadRole',
      'ScoreRole',
      'TrainRole',
    ];
    expect(roles).toEqual(['OnCallRole', 'LogsRole', ...forWorkflowsAndPods]);
    expect(actions('PushRole').every((action) => action.startsWith('ecr:'))).toBe(true);
    expect(actions('DeployRole')).toEqual(['eks:DescribeCluster']);
    expect(actions('PublishRole')).toEqual([
      ...['s3:ListBucket', 's3:GetObject', 's3:PutObject'],
      ...['s3:ListBucket', 's3:GetObject'],
    ]);
    expect(list(allowed('PublishRole').at(-1)!.Resource)).toEqual([{ Sub: `\${Data.Arn}/labelled/*` }]);
    expect(actions('ReadRole')).toEqual(['s3:ListBucket', 's3:GetObject']);
    const writes = (role: string) =>
      allowed(role)
        .filter(({ Action }) => list(Action).includes('s3:PutObject'))
        .flatMap(({ Resource }) => list(Resource));
    expect(writes('ScoreRole')).toEqual([{ Sub: `\${Data.Arn}/scored/*` }]);
    expect(writes('TrainRole')).toEqual([
      { Sub: `\${Models.Arn}/versions/*` },
      { Sub: `\${Models.Arn}/channels/challenger.json` },
    ]);
    for (const role of ['ScoreRole', 'TrainRole'])
      expect(actions(role).filter((action) => /delete|\*/i.test(action))).toEqual([]);
  });

  test('people on call look, and change nothing in AWS; Fluent Bit writes logs', () => {
    const actions = (role: string) => allowed(role).flatMap(({ Action }) => list(Action));
    for (const action of actions('OnCallRole'))
      expect(action).toMatch(/^(eks:(Describe|List)|logs:(Filter|Get))/);
    expect(actions('LogsRole')).toEqual(['logs:CreateLogStream', 'logs:PutLogEvents']);
  });

  test.each(roles)('%s has no wildcard, but for the one action that takes no resource', (role) => {
    for (const { Action, Resource, Effect } of allowed(role)) {
      expect(Effect).toBe('Allow');
      for (const action of list(Action)) expect(action).not.toContain('*');
      if (Action !== 'ecr:GetAuthorizationToken') expect(list(Resource)).not.toContain('*');
    }
  });
});

describe('eks/aws.yaml: the budget', () => {
  test('is made for who gives an address, and writes before and when the month costs too much', () => {
    const { Condition, Properties } = Resources.Budget!;
    expect(Condition).toBe('MakesBudget');
    expect(template.Conditions.MakesBudget).toEqual({ Not: [{ Equals: [{ Ref: 'BudgetEmail' }, ''] }] });
    expect(Parameters.BudgetEmail!.Default).toBe('');
    expect(Properties.Budget.BudgetLimit).toEqual({ Amount: { Ref: 'MonthlyBudget' }, Unit: 'USD' });
    expect(
      Properties.NotificationsWithSubscribers.map(
        ({ Notification }: { Notification: { NotificationType: string } }) => Notification.NotificationType,
      ),
    ).toEqual(['ACTUAL', 'FORECASTED']);
  });
});
