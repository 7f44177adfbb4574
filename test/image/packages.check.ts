/** What scanners see in the image, for each platform, and that the scan of .github/workflows/deploy.yml can fail. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import manifest from '../../package.json' with { type: 'json' };
import { type Advisory, advisoryDatabase, grype } from './advisories.ts';
import { engine, IMAGE } from './container.ts';

interface Sbom {
  distro: { id: string; versionID: string };
  artifacts: { name: string; version: string; type: string; purl: string; licenses: { value: string }[] }[];
}

const folder = mkdtempSync(join(tmpdir(), 'savings-packages-'));
afterAll(() => rmSync(folder, { recursive: true }));

const PLATFORMS = [
  { platform: 'amd64', image: IMAGE },
  { platform: 'arm64', image: process.env.IMAGE_ARM64 ?? '' },
];
const archive = (platform: string) => join(folder, `${platform}.tar`);
beforeAll(() => {
  for (const { platform, image } of PLATFORMS) {
    engine('save', '--quiet', '--output', archive(platform), image);
  }
});

/** What syft finds by itself, as the builder's `sbom: true` and grype have it. */
function sbom(platform: string): Sbom {
  const { stdout, stderr } = spawnSync(
    'syft',
    ['scan', '--quiet', '--output', 'json', `docker-archive:${archive(platform)}`],
    {
      encoding: 'utf8',
      env: { ...process.env, SYFT_CHECK_FOR_APP_UPDATE: 'false' },
      maxBuffer: 1 << 28,
    },
  );
  if (stdout === '') throw new Error(`syft: ${stderr}`);
  return JSON.parse(stdout);
}

describe.each(PLATFORMS)("the image's packages on $platform", ({ platform }) => {
  let found: Sbom;
  beforeAll(() => {
    found = sbom(platform);
  });

  test('are of a distribution, as its C library is', () => {
    expect(found.distro).toMatchObject({ id: 'debian', versionID: expect.stringMatching(/^12\b/) });
    const debian = found.artifacts.filter(({ type }) => type === 'deb');
    expect(debian.map(({ name }) => name)).toEqual(['libc6']);
    expect(debian[0]!.purl).toMatch(new RegExp(`^pkg:deb/debian/libc6@.*arch=${platform}.*distro=debian-12`));
  });

  test('are what is depended on, in the version that is pinned, and Bun', () => {
    const versions = new Map(found.artifacts.map(({ purl, version }) => [purl, version]));
    for (const [name, version] of Object.entries({
      ...manifest.dependencies,
      bun: manifest.devDependencies.bun,
    })) {
      expect(versions.get(`pkg:npm/${name.replace('@', '%40')}@${version}`)).toBe(version);
    }
    for (const { name, type, licenses } of found.artifacts) {
      if (type === 'npm') expect({ name, licenses: licenses.length }).toEqual({ name, licenses: 1 });
    }
  });

  test('are none of those that only tests and tools use', () => {
    const names = found.artifacts.map(({ name }) => name);
    const { bun, ...tools } = manifest.devDependencies;
    for (const name of Object.keys(tools)) expect(names).not.toContain(name);
  });
});

describe('the scan of a deployment', () => {
  const { jobs } = parse(readFileSync(join(import.meta.dir, '../../.github/workflows/deploy.yml'), 'utf8'));
  const scans = jobs.image.steps.filter(({ uses }: { uses?: string }) =>
    uses?.startsWith('anchore/scan-action@'),
  );
  const versionOf = (name: string) =>
    sbom('amd64').artifacts.find((artifact) => artifact.name === name)!.version;

  /** The exit code that each scan's own settings give, where these advisories are all that is known. */
  function scan(platform: string, advisories: Advisory[]): { status: number | null; stdout: string }[] {
    const databases = advisoryDatabase(mkdtempSync(join(folder, 'database-')), advisories);
    return scans.map(({ with: settings }: { with: Record<string, unknown> }) => {
      // As the action calls it (anchore/scan-action, index.js).
      const flags = ['--output', String(settings['output-format'])];
      if (settings['fail-build'] === true) flags.push('--fail-on', String(settings['severity-cutoff']));
      if (settings['only-fixed'] === true) flags.push('--only-fixed');
      const { status, stdout, stderr } = grype(databases, ...flags, `docker-archive:${archive(platform)}`);
      if (status !== 0 && !stdout.includes('fixed') && !stderr.includes('severity'))
        throw new Error(`grype: ${stderr}`);
      return { status, stdout };
    });
  }

  const vulnerable: Omit<Advisory, 'packageName' | 'ecosystem'> = {
    id: 'GHSA-test-test-test',
    severity: 'high',
    affected: '<9999.0.0',
    fixedIn: '9999.0.0',
  };

  for (const { platform } of PLATFORMS) {
    test(`passes on ${platform} where nothing of it is known to be vulnerable`, () => {
      const fixed = versionOf('hono');
      const known: Advisory[] = [
        { ...vulnerable, ecosystem: 'npm', packageName: 'hono', affected: `<${fixed}`, fixedIn: fixed },
        { ...vulnerable, ecosystem: 'npm', packageName: 'express' },
      ];
      for (const { status } of scan(platform, known)) expect(status).toBe(0);
    });

    test.each([
      { packageName: 'hono', ecosystem: 'npm' },
      { packageName: '@aws-sdk/client-s3', ecosystem: 'npm' },
      { packageName: 'bun', ecosystem: 'npm' },
      { packageName: 'glibc', ecosystem: 'deb' },
    ] as const)(`fails on ${platform} for a vulnerable $packageName`, ({ packageName, ecosystem }) => {
      for (const { status, stdout } of scan(platform, [{ ...vulnerable, packageName, ecosystem }])) {
        expect(stdout).toContain(vulnerable.id);
        expect(status).not.toBe(0);
      }
    });
  }

  test('lets through what has no fix yet, and what is not severe', () => {
    const { fixedIn, ...unfixed } = vulnerable;
    for (const advisory of [unfixed, { ...vulnerable, severity: 'medium' as const }]) {
      for (const { status } of scan('amd64', [{ ...advisory, ecosystem: 'npm', packageName: 'hono' }])) {
        expect(status).toBe(0);
      }
    }
  });
});
