/**
 * Prints what makes a stack of what a deleted one left behind, for `aws cloudformation create-change-set
 * --cli-input-json`: the resources of eks/aws.yaml that are retained, or those that are named, and nothing else, since
 * CloudFormation imports into a new stack only what is in its template, and makes nothing beside it.
 * usage: bun tools/adopt-retained.ts ACCOUNT_ID REGION [Images] [Models] [ModelsPolicy] ...
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMap, type Node, parseDocument } from 'yaml';

const TEMPLATE = join(import.meta.dir, '../eks/aws.yaml');

/** The property by which CloudFormation finds a resource of this type that exists already. */
const IDENTIFIERS: Record<string, string> = {
  'AWS::ECR::Repository': 'RepositoryName',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::S3::BucketPolicy': 'Bucket',
};

/**
 * @param only logical names; none means all that are retained
 * @throws Error for a name that is not retained, or a type whose identifier is not known here
 */
export function adoption(accountId: string, region: string, only: string[] = []) {
  // `!Sub` and its kin are tags that the parser does not know: it keeps them as they are.
  const template = parseDocument(readFileSync(TEMPLATE, 'utf8'), { logLevel: 'error' });
  for (const section of ['Parameters', 'Conditions', 'Outputs']) template.delete(section);
  const resources = template.get('Resources');
  if (!isMap<Node>(resources)) throw new Error(`Cannot read ${TEMPLATE}: it has no Resources.`);

  const names = resources.items.map(({ key }) => String(key));
  const retained = names.filter((name) => resources.getIn([name, 'DeletionPolicy']) === 'Retain');
  for (const name of only) {
    if (!retained.includes(name))
      throw new Error(`Cannot adopt ${name}: a stack retains ${retained.join(', ')}.`);
  }
  const adopted = only.length > 0 ? only : retained;
  for (const name of names) if (!adopted.includes(name)) resources.delete(name);

  /** The name in AWS that a property gives, be it a text, `!Sub` or `!Ref`. */
  const physicalName = (name: string, property: string): string => {
    const node = resources.getIn([name, 'Properties', property], true) as { tag?: string; value: string };
    if (node.tag === '!Ref') return identify(node.value).value;
    // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's own
    return node.value.replace('${AWS::AccountId}', accountId).replace('${AWS::Region}', region);
  };
  const identify = (name: string) => {
    const type = String(resources.getIn([name, 'Type']));
    const property = IDENTIFIERS[type];
    if (!property) throw new Error(`Cannot adopt ${name}: nothing here says what identifies an ${type}.`);
    return { type, property, value: physicalName(name, property) };
  };

  return {
    StackName: 'savings',
    ChangeSetName: 'adopt',
    ChangeSetType: 'IMPORT',
    ResourcesToImport: adopted.map((name) => {
      const { type, property, value } = identify(name);
      return { ResourceType: type, LogicalResourceId: name, ResourceIdentifier: { [property]: value } };
    }),
    TemplateBody: String(template),
  };
}

if (import.meta.main) {
  const [accountId, region, ...only] = process.argv.slice(2);
  if (!accountId || !region) {
    console.error('usage: bun tools/adopt-retained.ts ACCOUNT_ID REGION [NAME ...]');
    process.exit(2);
  }
  try {
    console.log(JSON.stringify(adoption(accountId, region, only)));
  } catch (error) {
    console.error((error as Error).message);
    process.exit(1);
  }
}
