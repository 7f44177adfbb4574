import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Manifest, parseManifests } from './kustomize.ts';

/** The branch that says what is deployed. */
export const RECORD = 'deployed/prod';

const REPOSITORY = resolve(import.meta.dir, '../..');

export interface Run {
  code: number;
  output: string;
}

/** A script that goes on. */
export interface Running {
  ended: Promise<Run>;
  /** Resolves once it has said this; fails when it ends without. */
  said(words: string): Promise<void>;
  /** At once, with whatever it started. */
  kill(): void;
}

/** A copy of what the deployment needs, in git, with a bare repository as its `origin`. */
export class DeployRepository {
  readonly folder = mkdtempSync(join(tmpdir(), 'savings-deploy-'));
  readonly origin = join(this.folder, 'origin.git');
  readonly checkout = join(this.folder, 'checkout');
  /** Set for the scripts beside what they always get. */
  env: Record<string, string> = {};

  /** @param paths of this repository to copy, as they stand in its folder */
  constructor(paths: readonly string[] = ['kustomize', '.github/scripts']) {
    this.git(this.folder, 'init', '--quiet', '--bare', '--initial-branch=main', this.origin);
    this.git(this.folder, 'clone', '--quiet', this.origin, this.checkout);
    for (const path of paths) {
      cpSync(join(REPOSITORY, path), join(this.checkout, path), { recursive: true });
    }
    // As before the first deployment, whatever this repository's own overlay says by now.
    this.edit('kustomize/overlays/prod/kustomization.yaml', (text) =>
      text.replace(
        /^images:[\s\S]*/m,
        'images: [{name: savings, newName: none.invalid/savings, newTag: none}]\n',
      ),
    );
  }

  close(): void {
    rmSync(this.folder, { recursive: true });
  }

  /** Changes a file of the checkout. @throws when it is as it was */
  edit(path: string, change: (text: string) => string): void {
    const file = join(this.checkout, path);
    const text = readFileSync(file, 'utf8');
    const changed = change(text);
    if (changed === text) throw new Error(`${path} has nothing to change`);
    writeFileSync(file, changed);
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

  /** Not synchronous: the public address may answer from this very process. */
  run(script: string, ...args: string[]): Promise<Run> {
    return this.start(script, ...args).ended;
  }

  /** Begins a script, and lets it be killed. */
  start(script: string, ...args: string[]): Running {
    return this.#start(join(this.checkout, '.github/scripts', script), args);
  }

  /** Does what a step of the deploy workflow does that has its command in itself. */
  step(command: string): Promise<Run> {
    return this.#start('bash', ['-e', '-c', command]).ended;
  }

  #start(program: string, args: string[]): Running {
    // A group of its own, which can be killed whole.
    const child = spawn(program, args, { cwd: this.checkout, env: this.environment(), detached: true });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text) => {
        output += text;
      });
    }
    const ended = new Promise<Run>((done) =>
      child.once('close', (status) => done({ code: status ?? -1, output })),
    );
    const said = (words: string) =>
      new Promise<void>((resolve, reject) => {
        const look = () => {
          if (output.includes(words)) resolve();
        };
        for (const stream of [child.stdout, child.stderr]) stream.on('data', look);
        void ended.then(() => reject(new Error(`It ended without '${words}': ${output}`)));
        look();
      });
    return { ended, said, kill: () => process.kill(-child.pid!, 'SIGKILL') };
  }

  /** What its scripts run with. */
  protected environment(): Record<string, string> {
    return {
      ...IDENTITY,
      PATH: process.env.PATH!,
      HOME: this.folder,
      // One that is killed leaves its folder there.
      TMPDIR: this.folder,
      PAUSE_SECONDS: '0',
      ...this.env,
    };
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
}

const IDENTITY = {
  GIT_AUTHOR_NAME: 'Somebody',
  GIT_AUTHOR_EMAIL: 'somebody@example.test',
  GIT_COMMITTER_NAME: 'Somebody',
  GIT_COMMITTER_EMAIL: 'somebody@example.test',
  GIT_CONFIG_NOSYSTEM: '1',
};
