import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Manifest, parseManifests } from '../support/kustomize.ts';

/** The branch that says what is deployed. */
export const RECORD = 'deployed/prod';

const REPOSITORY = resolve(import.meta.dir, '../..');

/**
 * In place of a cluster, which this machine has not: keeps what is applied, rendered by the real kustomize, and lets a
 * rollout fail when its image is one of those in `bad`.
 */
const KUBECTL = `#!/usr/bin/env bash
set -euo pipefail
echo "$*" >>"$CLUSTER/calls"
case "$*" in
  'apply -k '*-canary) kustomize build "$3" >"$CLUSTER/canary"; echo 1 >"$CLUSTER/canary-replicas" ;;
  'apply -k '*) kustomize build "$3" >"$CLUSTER/applied" ;;
  'rollout status deployment/savings-canary '*) ! grep -q -F -f "$CLUSTER/bad" "$CLUSTER/canary" ;;
  'get deployment savings-canary '*availableReplicas*) cat "$CLUSTER/canary-replicas" ;;
  'get deployment savings-canary '*) [ ! -e "$CLUSTER/canary" ] || echo deployment.apps/savings-canary ;;
  'patch deployment.apps/savings-canary '*'"replicas": 0'*) echo 0 >"$CLUSTER/canary-replicas" ;;
  'wait --for=delete pod '*track=canary*) [ ! -e "$CLUSTER/canary-stays" ] ;;
  'get pods '*restartCount*) cat "$CLUSTER/restarts" ;;
  # The API server's proxy to the real Prometheus of a test, or to none.
  'get --raw '*) [ -s "$CLUSTER/prometheus" ] || { echo 'Error from server (ServiceUnavailable)' >&2; exit 1; }
    { read -r url && read -r namespace; } <"$CLUSTER/prometheus"
    path=\${3#*/proxy}
    curl --fail --silent --show-error "$url\${path//%22default%22/%22$namespace%22}" ;;
  'rollout status deployment/savings '*) ! grep -q -F -f "$CLUSTER/bad" "$CLUSTER/applied" ;;
  # A new load balancer has no name yet when it is first asked for.
  'get service '*) [ ! -s "$CLUSTER/nameless" ] || { sed -i 1d "$CLUSTER/nameless"; exit 0; }; cat "$CLUSTER/address" ;;
  'get '* | 'logs '*) ;;
  *) exit 64 ;;
esac
`;

/** A digest that begins with these hexadecimal figures. */
export const imageOf = (start: string) => `registry.test/savings@sha256:${start.padEnd(64, '0')}`;

export interface Run {
  code: number;
  output: string;
}

/**
 * A copy of what the deployment needs, in git, with a bare repository as its `origin`, and a program in place of
 * kubectl. The public address is a server on this machine.
 */
export class Rehearsal {
  readonly folder = mkdtempSync(join(tmpdir(), 'savings-deploy-'));
  readonly origin = join(this.folder, 'origin.git');
  readonly checkout = join(this.folder, 'checkout');
  readonly cluster = join(this.folder, 'cluster');
  /** Whether the public address answers as it should. */
  healthy = true;
  /** Set for the scripts beside what they always get. */
  env: Record<string, string> = {};
  readonly #server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: (request) => {
      const answers: Record<string, string> = {
        '/readyz': '{"status":"ready","model":{"name":"savings","version":"v7"}}',
        '/': '<form method="post">',
        '/api/v1/model': '{"version":"v7"}',
      };
      const body = answers[new URL(request.url).pathname] ?? '';
      return new Response(body, { status: this.healthy ? 200 : 503 });
    },
  });

  /** The load balancer's own address. */
  get address(): string {
    return `http://127.0.0.1:${this.#server.port}`;
  }

  constructor() {
    mkdirSync(join(this.cluster, 'bin'), { recursive: true });
    this.#write(join(this.cluster, 'bin/kubectl'), KUBECTL);
    chmodSync(join(this.cluster, 'bin/kubectl'), 0o755);
    this.#write(join(this.cluster, 'bad'), 'sha256:bad\n');
    this.#write(join(this.cluster, 'address'), new URL(this.address).host);
    this.#write(join(this.cluster, 'nameless'), '');
    this.#write(join(this.cluster, 'calls'), '');
    this.#write(join(this.cluster, 'restarts'), '0');
    this.#write(join(this.cluster, 'prometheus'), '');
    this.git(this.folder, 'init', '--quiet', '--bare', '--initial-branch=main', this.origin);
    this.git(this.folder, 'clone', '--quiet', this.origin, this.checkout);
    for (const path of ['kustomize', '.github/scripts']) {
      cpSync(join(REPOSITORY, path), join(this.checkout, path), { recursive: true });
    }
    // As before the first deployment, whatever this repository's own overlay says by now.
    this.edit('kustomize/overlays/prod/kustomization.yaml', (text) =>
      text.replace(
        /^images:[\s\S]*/m,
        'images: [{name: savings, newName: none.invalid/savings, newTag: none}]\n',
      ),
    );
    this.push('Begin');
  }

  close(): void {
    this.#server.stop(true);
    rmSync(this.folder, { recursive: true });
  }

  /** Changes a file of the checkout. */
  edit(path: string, change: (text: string) => string): void {
    const file = join(this.checkout, path);
    this.#write(file, change(readFileSync(file, 'utf8')));
  }

  /** Commits all of the checkout on top of main, pushes it, and returns the commit. */
  push(message: string): string {
    this.git(this.checkout, 'add', '--all');
    this.git(this.checkout, 'commit', '--quiet', '--allow-empty', '--message', message);
    this.git(this.checkout, 'push', '--quiet', 'origin', 'HEAD:main');
    return this.git(this.checkout, 'rev-parse', 'HEAD');
  }

  /** Brings the checkout to what main is now, or to a commit of it. */
  sync(commit = 'origin/main'): void {
    this.git(this.checkout, 'fetch', '--quiet', 'origin');
    this.git(this.checkout, 'checkout', '--quiet', '--detach', commit);
  }

  /** Does what the deploy job does. */
  async deploy(image: string): Promise<Run> {
    const deployed = await this.run('deploy.sh', image);
    if (deployed.code !== 0) return deployed;
    const recorded = await this.run('record-deployed.sh', image);
    return { code: recorded.code, output: deployed.output + recorded.output };
  }

  /** Not synchronous: the public address answers from this very process. */
  run(script: string, ...args: string[]): Promise<Run> {
    return this.start(script, ...args).ended;
  }

  /** Begins a script, and lets it be killed. */
  start(script: string, ...args: string[]): { ended: Promise<Run>; kill(): void } {
    return this.#start(join(this.checkout, '.github/scripts', script), args);
  }

  /** Does what a step of the deploy workflow does that has its command in itself. */
  step(command: string): Promise<Run> {
    return this.#start('bash', ['-e', '-c', command]).ended;
  }

  #start(program: string, args: string[]): { ended: Promise<Run>; kill(): void } {
    const child = spawn(program, args, {
      cwd: this.checkout,
      env: {
        ...IDENTITY,
        PATH: `${join(this.cluster, 'bin')}:${process.env.PATH}`,
        HOME: this.folder,
        CLUSTER: this.cluster,
        SMOKE_TEST_SECONDS: '0',
        PAUSE_SECONDS: '0',
        ...this.env,
      },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text) => {
        output += text;
      });
    }
    const ended = new Promise<Run>((done) =>
      child.once('close', (status) => done({ code: status ?? -1, output })),
    );
    return { ended, kill: () => child.kill('SIGKILL') };
  }

  git(folder: string, ...args: string[]): string {
    const { status, stdout, stderr } = spawnSync('git', args, {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: this.folder, ...IDENTITY },
    });
    if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
    return stdout.trim();
  }

  /** What was applied last. */
  get applied(): Manifest[] {
    return parseManifests(readFileSync(join(this.cluster, 'applied'), 'utf8'));
  }

  get appliedImage(): string {
    const deployment = this.applied.find(({ kind }) => kind === 'Deployment');
    return deployment?.spec.template.spec.containers[0].image;
  }

  get appliedSettings(): Record<string, string> {
    return this.applied.find(({ kind }) => kind === 'ConfigMap')?.data;
  }

  /** How often the overlay was applied. */
  get applies(): number {
    return readFileSync(join(this.cluster, 'calls'), 'utf8').match(/^apply .*\/prod$/gm)?.length ?? 0;
  }

  /** How many pods the canary should have; undefined before the first one. */
  get canaries(): number | undefined {
    const file = join(this.cluster, 'canary-replicas');
    return existsSync(file) ? Number(readFileSync(file, 'utf8')) : undefined;
  }

  /** What was applied last as a canary. */
  get canary(): Manifest[] {
    return parseManifests(readFileSync(join(this.cluster, 'canary'), 'utf8'));
  }

  /** Where the cluster's Prometheus answers from now on, and the namespace that it knows the pods' by. */
  set prometheus({ url, namespace }: { url: string; namespace: string }) {
    this.#write(join(this.cluster, 'prometheus'), `${url}\n${namespace}\n`);
  }

  /** The canary's pod does not end any more. */
  canaryStays(): void {
    this.#write(join(this.cluster, 'canary-stays'), '');
  }

  /** The canary's container was started again so often. */
  set restarts(times: number) {
    this.#write(join(this.cluster, 'restarts'), String(times));
  }

  /** The calls of kubectl, without those that apply or wait, or ask whether there is a canary. */
  get questions(): string[] {
    const calls = readFileSync(join(this.cluster, 'calls'), 'utf8').trim().split('\n');
    return calls.filter((call) => /^(get|logs) (?!deployment savings-canary )/.test(call));
  }

  /** The newest message of the branch that says what is deployed. */
  get recorded(): string {
    return this.git(this.origin, 'log', '-1', '--format=%B', RECORD);
  }

  /** The subjects of that branch, the newest first. */
  get history(): string[] {
    return this.git(this.origin, 'log', '--format=%s', RECORD).split('\n');
  }

  /** What that branch's files render to. */
  recordedManifests(): Manifest[] {
    const folder = mkdtempSync(join(this.folder, 'recorded-'));
    this.git(this.checkout, 'fetch', '--quiet', 'origin', RECORD);
    const tar = spawnSync('git', ['archive', 'FETCH_HEAD'], { cwd: this.checkout }).stdout;
    spawnSync('tar', ['-x', '-C', folder], { input: tar });
    const overlay = join(folder, 'kustomize/overlays/prod');
    return parseManifests(spawnSync('kustomize', ['build', overlay], { encoding: 'utf8' }).stdout);
  }

  /** As a rule of GitHub does: nobody may push to main. */
  protectMain(): void {
    this.#preReceive(`while read -r _ _ ref; do
  [ "$ref" != refs/heads/main ] || { echo 'main is protected' >&2; exit 1; }
done`);
  }

  /** Somebody records another deployment just before the next push from here arrives. */
  interfereWithNextPush(): void {
    this.#preReceive(`rm "$0"
unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES
git update-ref refs/heads/${RECORD} "$(git commit-tree -m Meanwhile 'main^{tree}')"`);
  }

  /** The next load balancer's name is asked for so often before there is one. */
  nameAfter(tries: number): void {
    this.#write(join(this.cluster, 'nameless'), 'not yet\n'.repeat(tries));
  }

  #preReceive(script: string): void {
    const hook = join(this.origin, 'hooks/pre-receive');
    this.#write(hook, `#!/usr/bin/env bash\nset -euo pipefail\n${script}\n`);
    chmodSync(hook, 0o755);
  }

  #write(file: string, text: string): void {
    writeFileSync(file, text);
  }
}

const IDENTITY = {
  GIT_AUTHOR_NAME: 'Somebody',
  GIT_AUTHOR_EMAIL: 'somebody@example.test',
  GIT_COMMITTER_NAME: 'Somebody',
  GIT_COMMITTER_EMAIL: 'somebody@example.test',
  GIT_CONFIG_NOSYSTEM: '1',
};
