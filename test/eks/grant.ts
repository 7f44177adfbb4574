import { PutBucketPolicyCommand, type S3Client } from '@aws-sdk/client-s3';
import { list, readTemplate, type Statement } from './cloudformation.ts';

const AWS = new URL('../../eks/aws.yaml', import.meta.url).pathname;

/**
 * Gives a user of radosgw what a role of eks/aws.yaml may do, as a policy of each bucket, which radosgw enforces: whoever
 * is not the owner may do nothing else there.
 *
 * @param buckets by the template's name of a bucket, such as Models
 */
export async function grantRole(
  client: S3Client,
  role: string,
  user: string,
  buckets: Readonly<Record<string, string>>,
): Promise<void> {
  const { Resources } = readTemplate(AWS);
  const statements: Statement[] = Resources[role]!.Properties.Policies.flatMap(
    (policy: { PolicyDocument: { Statement: Statement[] } }) => policy.PolicyDocument.Statement,
  );
  const given = new Map(Object.values(buckets).map((bucket) => [bucket, [] as object[]]));
  for (const statement of statements)
    for (const resource of list(statement.Resource)) {
      const { bucket, arn } = arnOf(resource as { Sub?: string; GetAtt?: string }, buckets);
      const Principal = { AWS: [`arn:aws:iam:::user/${user}`] };
      given.get(bucket)!.push({ ...statement, Principal, Resource: arn });
    }
  for (const [Bucket, Statement] of given) {
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
    await client.send(new PutBucketPolicyCommand({ Bucket, Policy }));
  }
}

/** `!GetAtt Models.Arn` or `!Sub ${Models.Arn}/versions/*` with the bucket of the test in it. */
function arnOf(resource: { Sub?: string; GetAtt?: string }, buckets: Readonly<Record<string, string>>) {
  const [, name = '', path = ''] =
    /^\$?\{?(\w+)\.Arn\}?(.*)$/.exec(resource.Sub ?? resource.GetAtt ?? '') ?? [];
  const bucket = buckets[name];
  if (bucket === undefined) throw new Error(`no bucket stands for ${JSON.stringify(resource)}`);
  return { bucket, arn: `arn:aws:s3:::${bucket}${path}` };
}
