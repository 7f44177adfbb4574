import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeployRepository, RECORD } from '../support/deploy-repository.ts';
import { type Manifest, parseManifests } from '../support/kustomize.ts';

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
  'rollout status deployment/savings '*)
    [ ! -e "$CLUSTER/meanwhile" ] || sed -i "s#image: .*@.*#image: $(cat "$CLUSTER/meanwhile")#" "$CLUSTER/applied"
    ! grep -q -F -f "$CLUSTER/bad" "$CLUSTER/applied" ;;
  # A new load balancer has no name yet when it is first asked for.
  'get service '*) [ ! -s "$CLUSTER/nameless" ] || { sed -i 1d "$CLUSTER/nameless"; exit 0; }; cat "$CLUSTER/address" ;;
  'get deployment savings '*.image*) [ ! -e "$CLUSTER/silent" ] || exit 1
    sed -nE 's/^ +(- )?image: //p' "$CLUSTER/applied" | head -n 1 ;;
  'get '* | 'logs '*) ;;
  *) exit 64 ;;
esac
`;

/** A digest that begins with these hexadecimal figures. */
export const imageOf = (start: string) => `registry.test/savings@sha256:${start.padEnd(64, '0')}`;

/** A deployment with a program in place of kubectl. The public address is a server on this machine. */
export class Rehearsal extends DeployRepository {
  readonly cluster = join(this.folder, 'cluster');
  /** Whether the public address answers as it should. */
  healthy = true;
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
    super();
    mkdirSync(join(this.cluster, 'bin'), { recursive: true });
    this.#write(join(this.cluster, 'bin/kubectl'), KUBECTL);
    chmodSync(join(this.cluster, 'bin/kubectl'), 0o755);
    this.#write(join(this.cluster, 'bad'), 'sha256:bad\n');
    this.#write(join(this.cluster, 'address'), new URL(this.address).host);
    this.#write(join(this.cluster, 'nameless'), '');
    this.#write(join(this.cluster, 'calls'), '');
    this.#write(join(this.cluster, 'restarts'), '0');
    this.#write(join(this.cluster, 'prometheus'), '');
    this.push('Begin');
  }

  override close(): void {
    this.#server.stop(true);
    super.close();
  }

  protected override environment(): Record<string, string> {
    const { PATH, ...others } = super.environment();
    return {
      CLUSTER: this.cluster,
      SMOKE_TEST_SECONDS: '0',
      ...others,
      PATH: `${join(this.cluster, 'bin')}:${PATH}`,
    };
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

  /** Somebody else applies this image whenever a rollout is waited for. */
  appliedMeanwhile(image: string): void {
    this.#write(join(this.cluster, 'meanwhile'), image);
  }

  /** The cluster no longer answers which image is live. */
  tellsNoImage(): void {
    this.#write(join(this.cluster, 'silent'), '');
  }

  /** The canary's pod does not end any more. */
  canaryStays(): void {
    this.#write(join(this.cluster, 'canary-stays'), '');
  }

  /** The canary's container was started again so often. */
  set restarts(times: number) {
    this.#write(join(this.cluster, 'restarts'), String(times));
  }

  /** The calls of kubectl, without those that apply or wait, or ask for a Deployment. */
  get questions(): string[] {
    const calls = readFileSync(join(this.cluster, 'calls'), 'utf8').trim().split('\n');
    return calls.filter((call) => /^(get|logs) (?!deployment )/.test(call));
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
