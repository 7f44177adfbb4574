import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { API_SERVER, BRIDGE, SEEMING_PODS, SERVICES } from './addresses.ts';
import { ApiClient } from './api-client.ts';
import { type Certificates, type Client, makeCertificates } from './certificates.ts';
import { Daemons } from './daemons.ts';
import { stages } from './stages.ts';

export interface ControlPlane {
  certificates: Certificates;
  api: ApiClient;
  /** A kubeconfig of this client's. */
  kubeconfig(client: Client): string;
  daemons: Daemons;
}

const ETCD = 'http://127.0.0.1:2379';
export const SERVER = `https://${API_SERVER.host}:${API_SERVER.port}`;
/** The name that the deploy workflow's kubeconfig has for the cluster's context. */
const CONTEXT = 'savings-prod';

/**
 * etcd, the API server with RBAC, service accounts, PodSecurity and the aggregation layer, the controller manager, the
 * scheduler, kube-proxy, and kwok for Nodes. What waits for minutes in a cluster waits for seconds here.
 * @param programs the folder that .ci/cluster-programs prints
 * @param folder an empty one, for all that they write
 */
export async function startControlPlane(programs: string, folder: string): Promise<ControlPlane> {
  const certificates = makeCertificates(join(folder, 'certificates'));
  const kubeconfig = kubeconfigs(join(folder, 'kubeconfigs'), certificates);
  const daemons = new Daemons(join(folder, 'logs'));
  const start = (name: string, ...args: string[]) => daemons.start(name, [join(programs, name), ...args]);

  const { authority, frontProxyAuthority, frontProxy, serviceAccounts, apiServer, apiServerAtNodes } =
    certificates;
  start(
    'etcd',
    `--data-dir=${join(folder, 'etcd')}`,
    // Nothing here needs to outlive a power cut.
    '--unsafe-no-fsync',
    '--log-level=warn',
  );
  start(
    'kube-apiserver',
    `--etcd-servers=${ETCD}`,
    '--bind-address=0.0.0.0',
    `--advertise-address=${API_SERVER.host}`,
    `--secure-port=${API_SERVER.port}`,
    `--service-cluster-ip-range=${SERVICES}`,
    `--tls-cert-file=${apiServer.certificate}`,
    `--tls-private-key-file=${apiServer.key}`,
    `--client-ca-file=${authority.certificate}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction,PodSecurity',
    '--allow-privileged=true',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${serviceAccounts.public}`,
    `--service-account-signing-key-file=${serviceAccounts.key}`,
    `--kubelet-client-certificate=${apiServerAtNodes.certificate}`,
    `--kubelet-client-key=${apiServerAtNodes.key}`,
    `--kubelet-certificate-authority=${authority.certificate}`,
    '--kubelet-preferred-address-types=InternalIP',
    `--requestheader-client-ca-file=${frontProxyAuthority.certificate}`,
    '--requestheader-allowed-names=front-proxy-client',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-username-headers=X-Remote-User',
    `--proxy-client-cert-file=${frontProxy.certificate}`,
    `--proxy-client-key-file=${frontProxy.key}`,
    '--enable-aggregator-routing=true',
  );
  const api = new ApiClient(SERVER, { ca: authority.certificate, ...certificates.clients.admin });
  // Its own roles are there too then.
  await answers(() => api.text('/readyz'), daemons);

  const knownBy = (client: Client) =>
    ['kubeconfig', 'authentication-kubeconfig', 'authorization-kubeconfig'].map(
      (flag) => `--${flag}=${kubeconfig(client)}`,
    );
  start(
    'kube-controller-manager',
    ...knownBy('kube-controller-manager'),
    '--bind-address=127.0.0.1',
    '--leader-elect=false',
    '--use-service-account-credentials=true',
    `--service-account-private-key-file=${serviceAccounts.key}`,
    `--root-ca-file=${authority.certificate}`,
    '--horizontal-pod-autoscaler-sync-period=2s',
    '--horizontal-pod-autoscaler-initial-readiness-delay=2s',
    '--horizontal-pod-autoscaler-cpu-initialization-period=2s',
    '--node-monitor-period=1s',
    '--node-monitor-grace-period=12s',
  );
  start('kube-scheduler', ...knownBy('kube-scheduler'), '--bind-address=127.0.0.1', '--leader-elect=false');
  start(
    'kube-proxy',
    `--kubeconfig=${kubeconfig('kube-proxy')}`,
    '--hostname-override=node-1',
    '--proxy-mode=iptables',
    // Pods are on one bridge: what answered one directly would not come back by the address that was asked.
    '--masquerade-all',
    '--iptables-min-sync-period=100ms',
    '--conntrack-max-per-core=0',
    '--conntrack-tcp-timeout-established=0s',
    '--conntrack-tcp-timeout-close-wait=0s',
    '--healthz-bind-address=127.0.0.1:10256',
    '--metrics-bind-address=127.0.0.1:10249',
  );
  writeFileSync(join(folder, 'stages.yaml'), stages());
  start(
    'kwok',
    `--kubeconfig=${kubeconfig('kwok')}`,
    `--config=${join(folder, 'stages.yaml')}`,
    '--manage-all-nodes=true',
    '--node-lease-duration-seconds=10',
    `--node-ip=${BRIDGE.address}`,
    `--cidr=${SEEMING_PODS}`,
    // Where it would answer for Nodes; node-server.ts does.
    '--server-address=127.0.0.1:10247',
  );
  await answers(() => api.get('/api/v1/namespaces/default/serviceaccounts/default'), daemons);
  return { certificates, api, kubeconfig, daemons };
}

/** Asks until it is answered. @throws when one of the programs has ended, or after a minute */
async function answers(ask: () => Promise<unknown>, daemons: Daemons): Promise<void> {
  const end = performance.now() + 60_000;
  for (;;) {
    try {
      await ask();
      return;
    } catch (error) {
      daemons.check();
      if (performance.now() > end) throw error;
      await Bun.sleep(100);
    }
  }
}

function kubeconfigs(folder: string, { authority, clients }: Certificates): (client: Client) => string {
  mkdirSync(folder, { recursive: true });
  const cluster = { server: SERVER, 'certificate-authority': authority.certificate };
  for (const [name, { certificate, key }] of Object.entries(clients)) {
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: CONTEXT, cluster }],
      users: [{ name, user: { 'client-certificate': certificate, 'client-key': key } }],
      contexts: [{ name: CONTEXT, context: { cluster: CONTEXT, user: name } }],
      'current-context': CONTEXT,
    };
    writeFileSync(join(folder, name), JSON.stringify(config));
  }
  return (client) => join(folder, client);
}
