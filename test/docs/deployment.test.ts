/** What the documents tell a person to type, typed. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import { readConfig } from '../../src/config.ts';
import { readTemplate } from '../eks/cloudformation.ts';
import { canEdit } from '../github/can-deploy.ts';
import { commandsOf } from '../support/documented-commands.ts';
import { parseManifests } from '../support/kustomize.ts';

const REPOSITORY = resolve(import.meta.dir, '../..');
const read = (path: string) => readFileSync(join(REPOSITORY, path), 'utf8');

function commandOf(document: string, start: string): string {
  const found = commandsOf(document).filter((command) => command.startsWith(start));
  expect(found).toHaveLength(1);
  return found[0]!;
}

const workflows = readdirSync(join(REPOSITORY, '.github/workflows')).map((file) =>
  read(`.github/workflows/${file}`),
);

describe('eks/README.md', () => {
  const README = 'eks/README.md';

  test('sets every variable that a workflow reads', () => {
    const used = workflows.flatMap((text) => [...text.matchAll(/vars\.(\w+)/g)].map((match) => match[1]!));
    const text = `${read(README)}${read('docs/https.md')}`;
    for (const name of new Set(used)) expect(text).toContain(`gh variable set ${name} --body`);
  });

  test('makes every environment that a job runs in', () => {
    const used = workflows.flatMap((text) =>
      Object.values(parse(text).jobs as Record<string, { environment?: string }>).map(
        (job) => job.environment,
      ),
    );
    const folder = mkdtempSync(join(tmpdir(), 'savings-docs-'));
    try {
      // gh itself would ask GitHub; this one keeps what it would be asked for.
      const gh = '#!/bin/bash\n{ echo "$@"; [[ $* != *--input* ]] || cat; } >>"$CALLS"\n';
      writeFileSync(join(folder, 'gh'), gh, { mode: 0o755 });
      const loop = /^for environment in [\s\S]*?^done$/m.exec(read(README))![0];
      const env = { PATH: `${folder}:${process.env.PATH}`, CALLS: join(folder, 'calls') };
      const { status, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', loop], {
        encoding: 'utf8',
        env,
      });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const calls = readFileSync(env.CALLS, 'utf8');
      for (const name of used.filter((name) => name !== undefined)) {
        const path = `repos/{owner}/{repo}/environments/${name}`;
        expect(calls).toContain(
          `api --method PUT ${path} --silent --input -\n` +
            '{"deployment_branch_policy": {"protected_branches": false, "custom_branch_policies": true}}\n' +
            `api --method POST ${path}/deployment-branch-policies --silent --field name=main\n`,
        );
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.each(['dev', 'prod'])("puts the account's own names into the %s cluster", (ENVIRONMENT) => {
    const command = commandOf(README, 'sed -e "s/ACCOUNT_ID').replace(/\| eksctl .*/, '');
    const { stdout } = spawnSync('bash', ['-c', command], {
      cwd: REPOSITORY,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, ENVIRONMENT, ACCOUNT_ID: '123456789012', AWS_REGION: 'eu-west-1' },
    });
    const cluster = parse(stdout);
    expect(cluster.metadata).toMatchObject({ name: `savings-${ENVIRONMENT}`, region: 'eu-west-1' });
    expect(cluster.iam.podIdentityAssociations[0].roleARN).toBe(
      'arn:aws:iam::123456789012:role/savings-read',
    );
    expect(JSON.stringify(cluster)).not.toMatch(/ACCOUNT_ID|REGION"/);
  });

  test('deletes what a controller made before the cluster that it runs in', () => {
    const commands = commandsOf(README);
    const at = (start: string) => commands.findIndex((command) => command.startsWith(start));
    const order = [
      at('aws cloudformation delete-stack --region us-east-1 --stack-name savings-probe'),
      at('kubectl delete -k kustomize/overlays/'),
      at('kubectl delete -k kustomize/monitoring'),
      at('eksctl delete cluster'),
      at('aws cloudformation delete-stack --stack-name savings'),
      at('aws s3api delete-bucket-policy'),
      at('eks/empty-bucket.sh'),
      at('aws s3api delete-bucket --'),
    ];
    expect(order.every((index) => index >= 0)).toBe(true);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });
});

/** Runs commands with an `aws` that answers from a table and keeps what it was asked, one argument a line. */
function rehearse(commands: string[], environment: Record<string, string>, answers: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), 'savings-docs-'));
  try {
    const cases = Object.entries(answers).map(([start, answer]) => `  "${start}"*) echo '${answer}' ;;`);
    const aws = `#!/bin/bash\nprintf '%s\\n' "$@" '' >>"$CALLS"\ncase $* in\n${cases.join('\n')}\nesac\n`;
    writeFileSync(join(folder, 'aws'), aws, { mode: 0o755 });
    const env = { PATH: `${folder}:${process.env.PATH}`, CALLS: join(folder, 'calls'), ...environment };
    const { status, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', commands.join('\n')], {
      cwd: REPOSITORY,
      encoding: 'utf8',
      env,
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return readFileSync(env.CALLS, 'utf8')
      .split('\n\n')
      .filter(Boolean)
      .map((call) => call.trim().split('\n'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('commands to AWS, asked of one that only takes notes', () => {
  test('the probe is made in us-east-1, of parameters that its template has', () => {
    const [call] = rehearse(
      [commandOf('docs/https.md', 'aws cloudformation deploy')],
      { DOMAIN: 'savings.example.org' },
      {},
    );
    const value = (flag: string) => call![call!.indexOf(flag) + 1];
    expect(value('--region')).toBe('us-east-1');
    const { Parameters } = readTemplate(join(REPOSITORY, value('--template-file')!));
    const overrides = call!.slice(call!.indexOf('--parameter-overrides') + 1);
    expect(overrides).toContain('PublicDomain=savings.example.org');
    expect(overrides.map((override) => override.split('=')[0]!)).toEqual(Object.keys(Parameters));
  });

  test('a channel file is put back in the only way that its policy lets through', () => {
    const all = commandsOf('docs/model-lifecycle.md');
    // There is no file to look at, since nothing was fetched.
    const commands = all
      .slice(all.findIndex((command) => command.startsWith('export CHANNEL=')))
      .filter((command) => !command.startsWith('cat '));
    const calls = rehearse(
      commands,
      { MODEL_BUCKET: 'models', GOOD: 'v1' },
      { 's3api head-object': '"now"' },
    );
    expect(calls.map(([, operation]) => operation)).toEqual([
      'list-object-versions',
      'get-object',
      'head-object',
      'put-object',
    ]);
    const put = calls.at(-1)!;
    const value = (flag: string) => put[put.indexOf(flag) + 1];
    expect(value('--key')).toBe('channels/prod.json');
    expect(value('--if-match')).toBe('"now"');
    expect(value('--body')).toBe(calls[1]!.at(-1)!);
  });

  test('a version is deleted while its bucket has no policy, and the same policy is put back', () => {
    const all = commandsOf('docs/runbook.md');
    const first = all.findIndex((command) => command.startsWith('aws s3api get-bucket-policy'));
    const calls = rehearse(
      all.slice(first, first + 4),
      { MODEL_BUCKET: 'models', VERSION: '2026-06' },
      { 's3api list-object-versions': '{"Objects": []}' },
    );
    expect(calls.map(([, operation]) => operation)).toEqual([
      'get-bucket-policy',
      'delete-bucket-policy',
      'list-object-versions',
      'put-bucket-policy',
    ]);
    const listing = calls[2]!;
    expect(listing[listing.indexOf('--prefix') + 1]).toBe('versions/2026-06/');
    expect(calls[3]!.at(-1)).toBe('file:///tmp/policy.json');
  });

  const inOrder = (start: string, count: number) => {
    const all = commandsOf('eks/README.md');
    const first = all.findIndex((command) => command.startsWith(start));
    return all.slice(first, first + count);
  };
  const cluster = { ENVIRONMENT: 'prod', AWS_REGION: 'eu-west-1' };

  test("the S3 endpoint is made in the cluster's own network, for all of its routes", () => {
    const calls = rehearse(inOrder('vpc=', 2), cluster, {
      'eks describe-cluster': 'vpc-1',
      'ec2 describe-route-tables': 'rtb-1\trtb-2',
    });
    const create = calls.at(-1)!;
    expect(create.join(' ')).toStartWith(
      'ec2 create-vpc-endpoint --vpc-id vpc-1 --service-name com.amazonaws.eu-west-1.s3',
    );
    expect(create.slice(-3)).toEqual(['--route-table-ids', 'rtb-1', 'rtb-2']);
  });

  test.each([
    ['vpce-1', ['describe-cluster', 'describe-vpc-endpoints', 'delete-vpc-endpoints']],
    ['', ['describe-cluster', 'describe-vpc-endpoints']],
  ])('a network with the endpoint %p is left with none before its cluster goes', (endpoint, operations) => {
    const all = commandsOf('eks/README.md');
    const end = all.findIndex((command) => command.startsWith('eksctl delete cluster'));
    const calls = rehearse(all.slice(end - 3, end), cluster, {
      'eks describe-cluster': 'vpc-1',
      'ec2 describe-vpc-endpoints': endpoint,
    });
    expect(calls.map(([, operation]) => operation)).toEqual(operations);
  });

  test('what a deleted stack left is imported by its names in this account', () => {
    const commands = inOrder('aws cloudformation create-change-set', 4).map((command) =>
      command.replace('npx bun', process.execPath),
    );
    const calls = rehearse(commands, { ACCOUNT_ID: '123456789012', AWS_REGION: 'eu-west-1' }, {});
    const [create, ...others] = calls;
    const input = JSON.parse(create![create!.indexOf('--cli-input-json') + 1]!);
    expect(input.ChangeSetType).toBe('IMPORT');
    expect(JSON.stringify(input.ResourcesToImport)).toContain('savings-models-123456789012-eu-west-1');
    expect(others.map((call) => call.slice(1, 3).join(' '))).toEqual([
      'wait change-set-create-complete',
      'execute-change-set --stack-name',
      'wait stack-import-complete',
    ]);
    for (const call of others) expect(call[call.indexOf('--stack-name') + 1]).toBe(input.StackName);
  });
});

/** Reads `- name: savings ...` of the runbook's only YAML. */
const signedGenerator = () => {
  const blocks = [...read('docs/runbook.md').matchAll(/^```yaml\n([\s\S]*?)^```/gm)];
  expect(blocks).toHaveLength(1);
  return parse(blocks[0]![1]!).configMapGenerator;
};

describe('the settings, as the documents have them changed', () => {
  let copy: string;
  beforeEach(() => {
    copy = mkdtempSync(join(tmpdir(), 'savings-docs-'));
    cpSync(join(REPOSITORY, 'kustomize'), join(copy, 'kustomize'), { recursive: true });
  });
  afterEach(() => rmSync(copy, { recursive: true }));

  function type(environment: Record<string, string>, ...commands: string[]): void {
    const { status, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', commands.join('\n')], {
      cwd: copy,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, ...environment },
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  }

  test.each(['dev', 'prod'])('name the bucket and the region in %s', (ENVIRONMENT) => {
    type(
      { ENVIRONMENT, AWS_REGION: 'eu-west-1', MODEL_BUCKET: 'savings-models-1-eu-west-1' },
      commandOf('eks/README.md', 'sed -i.bak -e'),
      commandOf('eks/README.md', 'rm kustomize/overlays'),
    );
    const folder = join(copy, 'kustomize/overlays', ENVIRONMENT);
    expect(readdirSync(folder).sort()).toEqual(['kustomization.yaml', 'savings.env']);
    const lines = readFileSync(join(folder, 'savings.env'), 'utf8')
      .split('\n')
      .filter((line) => /^\w+=/.test(line))
      .map((line) => line.split('='));
    const config = readConfig(Object.fromEntries(lines));
    expect(config.bucket).toMatchObject({ name: 'savings-models-1-eu-west-1', region: 'eu-west-1' });
  });

  test('tell Prometheus where on GitHub the runbook is', () => {
    type(
      {},
      'gh() { echo https://github.com/owner/name; }',
      commandOf('eks/README.md', 'sed -i.bak "s|RUNBOOK_BASE'),
      commandOf('eks/README.md', 'rm kustomize/monitoring'),
    );
    const made = parse(readFileSync(join(copy, 'kustomize/monitoring/kustomization.yaml'), 'utf8'));
    expect(made.configMapGenerator).toContainEqual({
      name: 'runbook',
      literals: ['RUNBOOK_BASE=https://github.com/owner/name/blob/main/'],
    });
  });

  test.skipIf(!canEdit)('put a certificate on the load balancer', () => {
    const CERTIFICATE = 'arn:aws:acm:eu-west-1:123456789012:certificate/0000';
    type(
      { CERTIFICATE },
      commandOf('docs/https.md', 'sed -i.bak'),
      commandOf('docs/https.md', 'rm kustomize'),
      `${commandOf('docs/https.md', '(cd kustomize/overlays/prod')} 2>/dev/null`,
      'kustomize build kustomize/overlays/prod >rendered.yaml',
    );
    // The deployment must ask the new address: with this one's first apply, the old one goes silent.
    const commands = commandsOf('docs/https.md');
    const at = (start: string) => commands.findIndex((command) => command.startsWith(start));
    expect(at('gh variable set PUBLIC_URL')).toBeGreaterThan(-1);
    expect(at('gh variable set PUBLIC_URL')).toBeLessThan(at('git push'));

    const rendered = parseManifests(readFileSync(join(copy, 'rendered.yaml'), 'utf8'));
    const service = rendered.find(({ kind }) => kind === 'Service');
    expect(service?.spec.ports.map(({ port }: { port: number }) => port)).toEqual([443]);
    expect(Object.values(service?.metadata.annotations ?? {})).toContain(CERTIFICATE);
  });

  test.skipIf(!canEdit)('add Alertmanager to monitoring', () => {
    cpSync(join(REPOSITORY, 'grafana'), join(copy, 'grafana'), { recursive: true });
    type(
      {},
      commandOf('eks/README.md', '(cd kustomize/monitoring && kustomize edit add component'),
      'kustomize build kustomize/monitoring >rendered.yaml',
    );
    const deployments = parseManifests(readFileSync(join(copy, 'rendered.yaml'), 'utf8'))
      .filter(({ kind }) => kind === 'Deployment')
      .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    expect(deployments).toContain('monitoring/alertmanager');
  });

  test.skipIf(!canEdit)('hand a public key of several lines to the server', async () => {
    const { publicKey } = generateKeyPairSync('ed25519');
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const folder = join(copy, 'kustomize/overlays/prod');
    const file = join(folder, 'kustomization.yaml');
    writeFileSync(join(folder, 'public-key.pem'), pem);
    writeFileSync(
      file,
      stringify({ ...parse(readFileSync(file, 'utf8')), configMapGenerator: signedGenerator() }),
    );
    type({}, 'kustomize build kustomize/overlays/prod >rendered.yaml');
    const rendered = parseManifests(readFileSync(join(copy, 'rendered.yaml'), 'utf8'));
    const settings = rendered.find(({ kind }) => kind === 'ConfigMap')?.data;
    expect(readConfig({ ...settings, MODEL_BUCKET: 'a-bucket' }).publicKeys).toBe(pem.trim());
  });
});

describe('upgrades in docs/runbook.md', () => {
  const commands = commandsOf('docs/runbook.md');
  const { metadata, managedNodeGroups } = parse(read('eks/cluster-prod.yaml'));

  test('take the control plane first, one minor version, and then the nodes to the same', () => {
    const [, minor] = metadata.version.split('.').map(Number);
    const [control, nodes] = [
      commands.findIndex((command) => command.startsWith('eksctl upgrade cluster')),
      commands.findIndex((command) => command.startsWith('eksctl upgrade nodegroup')),
    ];
    expect(control).toBeGreaterThan(-1);
    expect(nodes).toBe(control + 1);
    expect(commands[control]).toContain(`--version 1.${minor + 1} --approve`);
    expect(commands[nodes]).toEndWith(
      `--name ${managedNodeGroups[0].name} --kubernetes-version 1.${minor + 1}`,
    );
  });

  test('bring add-ons to the newest release, with the settings that each has, and leave the others alone', () => {
    const updates = commands.filter((command) => command.startsWith('eks/update-addons.sh'));
    expect(updates).toHaveLength(2);
    const calls = rehearse(
      updates.slice(0, 1),
      { ENVIRONMENT: 'prod' },
      {
        'eks describe-cluster --name savings-prod': '1.36',
        'eks list-addons': 'vpc-cni\tcoredns\tkube-proxy',
        'eks describe-addon-versions --addon-name coredns --kubernetes-version 1.36': 'v1',
        'eks describe-addon-versions': 'v2',
        'eks describe-addon --cluster-name savings-prod --addon-name vpc-cni --query addon.configurationValues':
          '{"enableNetworkPolicy": "true"}',
        'eks describe-addon --cluster-name savings-prod --addon-name kube-proxy --query addon.configurationValues':
          'None',
        'eks describe-addon': 'v1',
      },
    );
    const update = (addon: string, ...options: string[]) => [
      ...['eks', 'update-addon', '--cluster-name', 'savings-prod', '--addon-name', addon],
      ...['--addon-version', 'v2', '--resolve-conflicts', 'PRESERVE', ...options],
    ];
    expect(calls.filter(([, operation]) => operation === 'update-addon')).toEqual([
      update('vpc-cni', '--configuration-values', '{"enableNetworkPolicy": "true"}'),
      update('kube-proxy'),
    ]);
    expect(calls.filter(([, operation]) => operation === 'wait')).toHaveLength(2);
  });
});

describe('the costs in eks/README.md', () => {
  const rows = read('eks/README.md')
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  const begin = rows.findIndex(([what]) => what === 'what runs by the hour') + 2;
  const parts = rows.slice(begin, begin + 7).map((cells) => cells.slice(1).map(Number));

  test.each([
    ['dev', 2],
    ['prod', 3],
  ])('add up for %s', (environment, column) => {
    const [, ...sums] = rows.find(([what]) => what === `**${environment}**`)!;
    for (const region of [0, 1]) {
      const sum = parts.reduce((total, part) => total + part[region]! * part[column]!, 0);
      expect(sums[region]).toBe(`**${Math.round(sum)}**`);
    }
  });
});
