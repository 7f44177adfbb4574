/** What outlives the stack: adopted by a new one, guarded by its policy, and emptied on purpose. */
import { describe, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { parse } from 'yaml';
import { adoption } from '../../tools/adopt-retained.ts';
import { requireTool } from '../support/require-tool.ts';
import { S3_START_MS, s3Server } from '../support/s3-server.ts';
import { readTemplate, type Statement } from './cloudformation.ts';

const EKS = join(import.meta.dir, '../../eks');
const template = readTemplate(join(EKS, 'aws.yaml'));

describe('adopting what a deleted stack left behind', () => {
  const { TemplateBody, ResourcesToImport, ...rest } = adoption('123456789012', 'eu-west-1');
  const adopted = parse(TemplateBody, { logLevel: 'error' });

  test('imports every resource that is retained, and is a template of nothing else', () => {
    const retained = Object.entries(template.Resources)
      .filter(([, { DeletionPolicy }]) => DeletionPolicy === 'Retain')
      .map(([name]) => name);
    expect(retained).toEqual(expect.arrayContaining(['Images', 'Models', 'ModelsPolicy']));
    expect(ResourcesToImport.map(({ LogicalResourceId }) => LogicalResourceId)).toEqual(retained);
    expect(Object.keys(adopted.Resources)).toEqual(retained);
    expect(Object.keys(adopted)).toEqual(['AWSTemplateFormatVersion', 'Description', 'Resources']);
    expect(rest).toEqual({ StackName: 'savings', ChangeSetName: 'adopt', ChangeSetType: 'IMPORT' });
  });

  test('names each as it is named in AWS', () => {
    expect(ResourcesToImport).toEqual(
      expect.arrayContaining([
        {
          ResourceType: 'AWS::ECR::Repository',
          LogicalResourceId: 'Images',
          ResourceIdentifier: { RepositoryName: 'savings' },
        },
        {
          ResourceType: 'AWS::S3::Bucket',
          LogicalResourceId: 'Models',
          ResourceIdentifier: { BucketName: 'savings-models-123456789012-eu-west-1' },
        },
        {
          ResourceType: 'AWS::S3::BucketPolicy',
          LogicalResourceId: 'ModelsPolicy',
          ResourceIdentifier: { Bucket: 'savings-models-123456789012-eu-west-1' },
        },
      ]),
    );
  });

  test('keeps properties as they are, CloudFormation functions and all, and refers to nothing that is left out', () => {
    const whole = parse(readFileSync(join(EKS, 'aws.yaml'), 'utf8'), { logLevel: 'error' });
    for (const [name, resource] of Object.entries(adopted.Resources))
      expect(resource).toEqual(whole.Resources[name]);
    expect(TemplateBody).toContain(`BucketName: !Sub savings-models-\${AWS::AccountId}-\${AWS::Region}`);
    const names = [...TemplateBody.matchAll(/!(?:Ref|GetAtt|Sub) (?:\$\{)?(\w+)[\s.}]/g)].map(
      ([, name]) => name!,
    );
    expect(names).not.toEqual([]);
    for (const name of names) expect(Object.keys(adopted.Resources)).toContain(name);
  });

  test('takes only what is named, and says what could be', () => {
    const only = adoption('123456789012', 'eu-west-1', ['Images']);
    expect(only.ResourcesToImport.map(({ LogicalResourceId }) => LogicalResourceId)).toEqual(['Images']);
    expect(() => adoption('123456789012', 'eu-west-1', ['PushRole'])).toThrow(
      'Cannot adopt PushRole: a stack retains Images, Models, ModelsPolicy',
    );
  });
});

/** The policy's statements of one kind, for a bucket of the test's S3 server. */
function policyFor(bucket: string, sid: string): string {
  const statements: Statement[] = template.Resources.ModelsPolicy!.Properties.PolicyDocument.Statement;
  const found = statements.filter(({ Sid }) => Sid === sid);
  expect(found).toHaveLength(1);
  const text = JSON.stringify(found).replaceAll(
    /\{"Sub":"\$\{Models\.Arn\}([^"]*)"\}/g,
    `"arn:aws:s3:::${bucket}$1"`,
  );
  return `{"Version": "2012-10-17", "Statement": ${text}}`;
}

describe.skipIf(!requireTool('radosgw'))(
  "the model bucket's policy, on an S3 server that enforces it",
  () => {
    test(
      "lets the bucket's own owner delete no version, so that none is written a second time",
      async () => {
        const { client, newBucket } = await s3Server();
        const Bucket = await newBucket();
        await client.send(
          new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }),
        );
        await client.send(
          new PutBucketPolicyCommand({ Bucket, Policy: policyFor(Bucket, 'VersionsAreNotDeleted') }),
        );
        const [version, channel] = ['versions/2026-06/forest.json', 'channels/prod.json'];
        const { VersionId } = await client.send(
          new PutObjectCommand({ Bucket, Key: version, Body: 'a forest' }),
        );
        await client.send(new PutObjectCommand({ Bucket, Key: channel, Body: 'a channel' }));

        for (const id of [undefined, VersionId]) {
          const deletion = client.send(new DeleteObjectCommand({ Bucket, Key: version, VersionId: id }));
          await expect(deletion).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
        }
        const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: version }));
        expect(await Body!.transformToString()).toBe('a forest');
        await client.send(new DeleteObjectCommand({ Bucket, Key: channel }));
      },
      S3_START_MS,
    );
  },
);

describe('eks/empty-bucket.sh', () => {
  /** Runs it against an `aws` that serves the numbers of objects that each page holds. */
  function empty(pages: number[], refusal = '') {
    const folder = mkdtempSync(join(tmpdir(), 'savings-aws-'));
    try {
      const objects = (count: number) =>
        Array.from({ length: count }, (_, index) => ({ Key: `versions/${index}`, VersionId: `v${index}` }));
      for (const [page, count] of [...pages, 0].entries()) {
        const listing = { Objects: objects(count), Quiet: true };
        writeFileSync(join(folder, `page-${page}`), JSON.stringify(listing, null, 4));
      }
      writeFileSync(
        join(folder, 'aws'),
        `#!/bin/bash
cd '${folder}'
case $2 in
  list-object-versions) deletions=$(grep -c . deleted 2>/dev/null); cat "page-\${deletions:-0}" ;;
  delete-objects) grep -o VersionId <<<"$6" | wc -l >>deleted; echo '${refusal || 'None'}' ;;
esac
`,
        { mode: 0o755 },
      );
      const { status, stdout, stderr } = spawnSync(join(EKS, 'empty-bucket.sh'), ['models'], {
        encoding: 'utf8',
        env: { PATH: `${folder}:${process.env.PATH}` },
      });
      return { status, said: `${stdout}${stderr}`.trim() };
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  test('goes on until nothing is left, however many pages that takes', () => {
    expect(empty([500, 500, 71])).toEqual({
      status: 0,
      said: 'models/ is empty; 1071 versions and markers were deleted',
    });
  });

  test('is content with a bucket that is empty', () => {
    expect(empty([])).toEqual({ status: 0, said: 'models/ is empty; 0 versions and markers were deleted' });
  });

  test('does not ask for ever when it is refused', () => {
    expect(empty([2], 'versions/0\tAccess Denied')).toEqual({
      status: 1,
      said: 'Cannot empty models/: versions/0\tAccess Denied. Is its policy still there?',
    });
  });
});
