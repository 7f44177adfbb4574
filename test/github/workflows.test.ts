import { describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import manifest from '../../package.json' with { type: 'json' };

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
}

interface Job {
  uses?: string;
  steps?: Step[];
  permissions?: Record<string, string>;
  'timeout-minutes'?: number;
  'runs-on'?: string;
  environment?: string;
  concurrency?: { 'cancel-in-progress': boolean };
}

const GITHUB = join(import.meta.dir, '../../.github');
const texts = Object.fromEntries(
  readdirSync(join(GITHUB, 'workflows')).map((file) => [
    file,
    readFileSync(join(GITHUB, 'workflows', file), 'utf8'),
  ]),
);
const workflows = Object.entries(texts).map(([file, text]) => ({ file, text, ...parse(text) }));
const jobs = workflows.flatMap(({ file, jobs }) =>
  Object.entries(jobs as Record<string, Job>).map(([name, job]) => ({ name: `${file}: ${name}`, job })),
);
const steps = jobs.flatMap(({ name, job }) => (job.steps ?? []).map((step) => ({ name, step })));

describe('.github/workflows', () => {
  test.each(workflows)(
    '$file lets its jobs read the code, and no more unless they say so',
    ({ permissions }) => {
      expect(permissions).toEqual({ contents: 'read' });
    },
  );

  test.each(Object.entries(texts))(
    '%s takes every action by its commit, with the release beside it',
    (_, text) => {
      const uses = text.split('\n').filter((line) => /^\s*-?\s*uses:/.test(line));
      expect(uses.length).toBeGreaterThan(0);
      for (const line of uses) {
        expect(line).toMatch(
          /uses: (\.\/\.github\/workflows\/[a-z]+\.yml|[\w.-]+\/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/,
        );
      }
    },
  );

  test('the same action is the same commit everywhere', () => {
    const commits = new Map<string, Set<string>>();
    for (const { step } of steps) {
      const [action, commit] = step.uses?.split('@') ?? [];
      if (action && commit) commits.set(action, (commits.get(action) ?? new Set()).add(commit));
    }
    for (const [action, used] of commits)
      expect({ action, commits: used.size }).toEqual({ action, commits: 1 });
  });

  test.each(jobs.filter(({ job }) => job.steps))(
    '$name ends by itself, on a runner that is named',
    ({ job }) => {
      expect(job['timeout-minutes']).toBeLessThanOrEqual(60);
      expect(job['runs-on']).toBe('ubuntu-24.04');
    },
  );

  test('no step leaves the token of the checkout behind', () => {
    const checkouts = steps.filter(({ step }) => step.uses?.startsWith('actions/checkout@'));
    expect(checkouts.length).toBeGreaterThan(0);
    for (const { step } of checkouts) expect(step.with?.['persist-credentials']).toBe(false);
  });

  test('needs no key that lasts: AWS roles are taken on by OIDC', () => {
    for (const text of Object.values(texts)) {
      expect(text).not.toMatch(/secrets\.|aws-access-key-id|aws-secret-access-key/);
    }
    for (const { name, step } of steps) {
      if (!step.uses?.startsWith('aws-actions/configure-aws-credentials@')) continue;
      expect(step.with?.['role-to-assume']).toMatch(/^\$\{\{ vars\.AWS_[A-Z]+_ROLE \}\}$/);
      expect(jobs.find((job) => job.name === name)?.job.permissions?.['id-token']).toBe('write');
    }
  });

  test('only a job that takes on a role or signs may ask for a token, and only the record of a deployment may write', () => {
    const may = Object.fromEntries(
      jobs.filter(({ job }) => job.permissions).map(({ name, job }) => [name, job.permissions]),
    );
    expect(may).toEqual({
      'deploy.yml: image': { contents: 'read', 'id-token': 'write', attestations: 'write' },
      'deploy.yml: deploy': { contents: 'write', 'id-token': 'write' },
      'model.yml: model': { contents: 'read', 'id-token': 'write' },
    });
  });

  test('nothing that somebody outside can write gets into a command', () => {
    for (const { step } of steps) expect(step.run ?? '').not.toMatch(/\$\{\{/);
  });

  test('a deployment is never cancelled half way', () => {
    const { jobs } = parse(texts['deploy.yml']!);
    expect(jobs.deploy.concurrency).toEqual({ group: 'deploy-production', 'cancel-in-progress': false });
    expect(jobs.deploy.environment).toBe('production');
  });

  test('every deployment verifies where its image comes from, and scans each platform that is built', () => {
    const { steps } = parse(texts['deploy.yml']!).jobs.image;
    const verified = steps.find(({ run }: Step) => run?.startsWith('gh attestation verify '));
    const scans = steps.filter(({ uses }: Step) => uses?.startsWith('anchore/scan-action@'));
    // Also where the image was found: no condition.
    for (const step of [verified, ...scans]) expect(step.if).toBeUndefined();
    expect(verified.run).toContain('--signer-workflow "$GITHUB_REPOSITORY/.github/workflows/deploy.yml"');
    const built = steps.find(({ uses }: Step) => uses?.startsWith('docker/build-push-action@')).with
      .platforms;
    expect(scans.map((step: Step) => step.with?.image)).toEqual(
      built.split(',').map((platform: string) => {
        const architecture = platform.replace('linux/', '');
        return `registry:\${{ vars.ECR_REPOSITORY }}@\${{ steps.platforms.outputs.${architecture} }}`;
      }),
    );
    for (const { with: settings } of scans) {
      expect(settings).toMatchObject({ 'severity-cutoff': 'high', 'only-fixed': true, 'fail-build': true });
    }
  });

  test('a rollback of the model waits for no training and no other channel', () => {
    expect(parse(texts['model.yml']!).concurrency).toEqual({
      group: expect.stringMatching(/ inputs\.action .* inputs\.channel /),
      'cancel-in-progress': false,
    });
  });

  test('publishing takes nothing from a cache', () => {
    for (const name of ['deploy.yml', 'model.yml']) {
      expect(texts[name]!.replaceAll('no-cache: true', '')).not.toMatch(/cache/);
    }
  });

  test('Bun is the one that package.json pins', () => {
    for (const { step } of steps.filter(({ step }) => step.uses?.startsWith('oven-sh/setup-bun@'))) {
      expect(step.with?.['bun-version']).toBe(manifest.devDependencies.bun);
    }
  });

  test('scripts that a step runs are there', () => {
    const scripts = readdirSync(join(GITHUB, 'scripts'));
    const named = steps.flatMap(({ step }) =>
      [...(step.run ?? '').matchAll(/\.github\/scripts\/([\w.-]+)/g)].map((match) => match[1]!),
    );
    expect(named).not.toEqual([]);
    for (const script of named) expect(scripts).toContain(script);
  });
});

describe('.github/dependabot.yml', () => {
  test('waits before it proposes a release', () => {
    const { updates } = parse(readFileSync(join(GITHUB, 'dependabot.yml'), 'utf8'));
    expect(updates.map((update: { 'package-ecosystem': string }) => update['package-ecosystem'])).toEqual([
      'github-actions',
      'bun',
      'docker',
    ]);
    for (const { cooldown } of updates) expect(cooldown['default-days']).toBeGreaterThanOrEqual(7);
  });
});
