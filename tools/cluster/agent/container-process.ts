import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

/** A file or folder of this machine at a place in a container. */
export interface Mount {
  source: string;
  path: string;
  readOnly: boolean;
}

/** As what and in what a container's program is run. */
export interface Invocation {
  /** Of its pod's network (sandbox.ts). */
  enter: string[];
  command: string[];
  environment: Record<string, string>;
  folder: string;
  mounts: Mount[];
  hostname: string;
  readOnlyRoot: boolean;
  /** Whether it sees all processes of this machine. */
  hostPid: boolean;
  user: number;
  group: number;
  groups: number[];
  /** Both outputs are appended to it. */
  log: string;
}

export interface ContainerProcess {
  /** As this process sees it. */
  pid: number;
  /** Its exit code; 128 and the signal's number where a signal ended it. */
  exited: Promise<number>;
  signal(name: 'SIGTERM' | 'SIGKILL'): void;
}

/** Enough for whatever is linked to the C library, and what is needed to run anything. */
const ROOT = [
  ...['--tmpfs', '/', '--ro-bind', '/usr', '/usr'],
  ...['bin', 'sbin', 'lib', 'lib64'].flatMap((name) => ['--symlink', `usr/${name}`, `/${name}`]),
  ...['--dir', '/etc', '--ro-bind', '/etc/ssl', '/etc/ssl'],
  ...['--proc', '/proc', '--dev', '/dev', '--ro-bind', '/sys', '/sys'],
];

/** '/a' and '/a/b' of '/a/b/c'. */
const above = (path: string) =>
  path
    .split('/')
    .slice(1, -1)
    .map((_, i, names) => `/${names.slice(0, i + 1).join('/')}`);

/** What is run for it: in the pod's network, in a root of its own, as its user and with no right besides. */
function commandLine(invocation: Invocation): string[] {
  const { enter, command, folder, mounts, hostname, readOnlyRoot, hostPid, user, group, groups } = invocation;
  const inOrder = mounts.toSorted((a, b) => a.path.split('/').length - b.path.split('/').length);
  return [
    ...enter,
    '/usr/bin/bwrap',
    ...['--unshare-ipc', '--unshare-uts', '--hostname', hostname.slice(0, 63)],
    // As PID 1, as in a container: of the signals that it does not handle, only SIGKILL ends it.
    ...(hostPid ? [] : ['--unshare-pid', '--as-pid-1']),
    ...['--die-with-parent', '--json-status-fd', '3'],
    ...ROOT,
    ...inOrder.flatMap(({ source, path, readOnly }) => [
      // bwrap makes those above a place as well, but for nobody but root.
      ...above(path).flatMap((folder) => ['--dir', folder]),
      ...[readOnly ? '--ro-bind' : '--bind', source, path],
    ]),
    ...(readOnlyRoot ? ['--remount-ro', '/'] : []),
    ...['--chdir', folder, '--', '/usr/bin/setpriv'],
    ...['--no-new-privs', '--reuid', String(user), '--regid', String(group)],
    ...(groups.length > 0 ? ['--groups', groups.join(',')] : ['--clear-groups']),
    ...['--inh-caps=-all', '--ambient-caps=-all', '--bounding-set=-all', '--', ...command],
  ];
}

/** @throws when it could not be started; what the program itself says is in its log */
export async function startProcess(invocation: Invocation): Promise<ContainerProcess> {
  const log = openSync(invocation.log, 'a');
  const [program, ...args] = commandLine(invocation) as [string, ...string[]];
  const child = spawn(program, args, {
    env: invocation.environment,
    stdio: ['ignore', log, log, 'pipe'],
  });
  closeSync(log);
  let running = true;
  const exited = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      running = false;
      // Without a code a signal ended bwrap, and with it the program.
      resolve(code ?? 137);
    });
  });
  exited.catch(() => {});
  const pid = await Promise.race([
    childPid(child.stdio[3] as NodeJS.ReadableStream),
    exited.then(() => child.pid!),
  ]);
  return {
    pid,
    exited,
    signal: (name) => {
      if (!running) return;
      try {
        process.kill(pid, name);
      } catch {
        // It ended just now.
      }
    },
  };
}

/** bwrap's first line of JSON has it. */
function childPid(status: NodeJS.ReadableStream): Promise<number> {
  let text = '';
  return new Promise((resolve) => {
    status.on('data', (piece) => {
      text += piece;
      const found = /"child-pid": *(\d+)/.exec(text);
      if (found) resolve(Number(found[1]));
    });
    status.on('error', () => {});
  });
}
