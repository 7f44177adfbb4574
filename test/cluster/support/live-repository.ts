import type { Cluster, User } from '../../../tools/cluster/cluster.ts';
import { DeployRepository } from '../../support/deploy-repository.ts';
import { commandsOf } from '../../support/documented-commands.ts';

/** How long no further pod may become ready before a rollout has failed; the manifests' own is minutes. */
export const PROGRESS_SECONDS = 12;

/** What the deployment is made of, in git, with the settings of eks/README.md filled in for the cluster of this run. */
export class LiveRepository extends DeployRepository {
  readonly #cluster: Cluster;
  readonly #path: string;
  /** Whose rights its scripts have. */
  user: User = 'deployer';

  static async of(cluster: Cluster): Promise<LiveRepository> {
    const { stdout } = await cluster.run(['printenv', 'PATH']);
    const repository = new LiveRepository(cluster, stdout.trim());
    await repository.#fillIn();
    repository.push('Name the model bucket');
    return repository;
  }

  private constructor(cluster: Cluster, path: string) {
    super(['kustomize', 'grafana', 'eks', '.github/scripts']);
    this.#cluster = cluster;
    this.#path = path;
  }

  async #fillIn(): Promise<void> {
    const {
      bucket,
      env: { AWS_REGION = '' },
    } = this.#cluster.s3;
    const settings = commandsOf('eks/README.md', '## 3. Its settings').filter((line) =>
      /^(sed|rm) /.test(line),
    );
    for (const ENVIRONMENT of ['dev', 'prod']) {
      const env = { ENVIRONMENT, AWS_REGION, MODEL_BUCKET: bucket };
      const { status, stderr } = await this.asDocumented(settings, env);
      if (status !== 0) throw new Error(stderr);
    }
    this.edit('kustomize/base/deployment.yaml', (text) =>
      text.replace(/progressDeadlineSeconds: \d+/, `progressDeadlineSeconds: ${PROGRESS_SECONDS}`),
    );
  }

  /** Types commands of a document at the top of the checkout, as the cluster's administrator. */
  asDocumented(commands: readonly string[], env: Record<string, string> = {}) {
    return this.#cluster.run(['bash', '-eo', 'pipefail', '-c', commands.join('\n')], {
      cwd: this.checkout,
      env,
    });
  }

  /** Takes the newest commit of main back, as docs/runbook.md has it: by another one. */
  revert(): void {
    this.git(this.checkout, 'revert', '--no-edit', 'HEAD');
    this.git(this.checkout, 'push', '--quiet', 'origin', 'HEAD:main');
  }

  protected override environment(): Record<string, string> {
    return {
      ...super.environment(),
      PATH: this.#path,
      KUBECONFIG: this.#cluster.kubeconfig(this.user),
      ROLLOUT_SECONDS: '90',
      SMOKE_TEST_SECONDS: '30',
      PAUSE_SECONDS: '0.5',
      ...this.env,
    };
  }
}
