import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What each tool's tests would show, and how to get it; said when it is missing. */
const TOOLS = {
  radosgw: 'apt-get install --no-install-recommends ceph-mon ceph-osd radosgw (the S3 server of the tests)',
  chromium: 'apt-get install --no-install-recommends chromium (the browser of the tests)',
  promtool: 'apt-get install --no-install-recommends prometheus (checks metrics, rules and alerts)',
  'prometheus-node-exporter':
    'apt-get install --no-install-recommends prometheus-node-exporter (tells of the machine)',
  prometheus: 'apt-get install --no-install-recommends prometheus (scrapes the server)',
  'prometheus-alertmanager':
    'apt-get install --no-install-recommends prometheus-alertmanager (sends alerts to a receiver of the test)',
  curl: 'apt-get install curl (runs the commands of README.md)',
  deno: 'npm install --global deno@2.9.6 (the second runtime)',
  go: 'see go.dev/doc/install (builds what .ci/cluster runs)',
  mount: 'apt-get install mount (a small file system, to fill it)',
} as const;

const warned = new Set<string>();

/**
 * Whether a tool that is no npm package can be run. Without it a person's tests are skipped and say so; in CI, where
 * nobody would read that, they fail.
 *
 * Use: `describe.skipIf(!requireTool('radosgw'))('...', ...)`.
 */
export function requireTool(tool: keyof typeof TOOLS): boolean {
  const found = (process.env.PATH ?? '').split(delimiter).some((folder) => isExecutable(join(folder, tool)));
  if (!found) missing(tool, `${tool} is not installed: ${TOOLS[tool]}`);
  return found;
}

/** The same for whatever else a test needs of its machine, such as being root. */
export function requireCondition(name: string, holds: boolean, how: string): boolean {
  if (!holds) missing(name, `${name}: ${how}`);
  return holds;
}

function missing(name: string, message: string): void {
  if (process.env.CI === 'true') throw new Error(`Tests cannot be skipped in CI. ${message}`);
  if (warned.has(name)) return;
  warned.add(name);
  console.warn(`\n!!! SKIPPING TESTS: ${message}\n`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
