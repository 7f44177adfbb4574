import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { API_SERVER, nodeAddress } from './addresses.ts';
import { runSync } from './command.ts';
import { MOST_NODES } from './network.ts';

/** A certificate's files, in PEM. */
export interface Certificate {
  certificate: string;
  key: string;
}

interface Subject {
  /** As openssl has it: /O=GROUP/CN=USER. */
  subject: string;
  usage: 'serverAuth' | 'clientAuth';
  /** DNS:NAME or IP:ADDRESS, of a server. */
  names?: string[];
}

const DAYS = '30';
const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Signs certificates of one cluster; its own is at `certificate`. */
export class CertificateAuthority {
  readonly certificate: string;
  readonly key: string;
  readonly #folder: string;

  constructor(folder: string, name: string) {
    mkdirSync(folder, { recursive: true });
    this.#folder = folder;
    this.certificate = join(folder, `${name}.crt`);
    this.key = join(folder, `${name}.key`);
    const files = ['-keyout', this.key, '-out', this.certificate];
    runSync(['openssl', 'req', '-x509', ...NEW_KEY, ...files, '-days', DAYS, '-subj', `/CN=${name}`]);
  }

  sign(name: string, { subject, usage, names = [] }: Subject): Certificate {
    const file = (ending: string) => join(this.#folder, `${name}.${ending}`);
    const extensions = ['keyUsage=digitalSignature,keyEncipherment', `extendedKeyUsage=${usage}`];
    if (names.length > 0) extensions.push(`subjectAltName=${names.join(',')}`);
    writeFileSync(file('ext'), `${extensions.join('\n')}\n`);
    runSync(['openssl', 'req', ...NEW_KEY, '-keyout', file('key'), '-out', file('csr'), '-subj', subject]);
    const authority = ['-CA', this.certificate, '-CAkey', this.key, '-CAcreateserial'];
    const output = ['-out', file('crt'), '-days', DAYS, '-extfile', file('ext')];
    runSync(['openssl', 'x509', '-req', '-in', file('csr'), ...authority, ...output]);
    return { certificate: file('crt'), key: file('key') };
  }
}

/** What the control plane's programs know each other by. */
export function makeCertificates(folder: string) {
  const authority = new CertificateAuthority(folder, 'cluster');
  const nodesClientAuthority = new CertificateAuthority(folder, 'nodes-client-authority');
  const frontProxy = new CertificateAuthority(folder, 'front-proxy-authority');
  const client = (name: string, subject: string) => authority.sign(name, { subject, usage: 'clientAuth' });
  const serviceAccounts = {
    key: join(folder, 'service-accounts.key'),
    public: join(folder, 'service-accounts.pub'),
  };
  runSync([
    'openssl',
    'genpkey',
    '-algorithm',
    'RSA',
    '-pkeyopt',
    'rsa_keygen_bits:2048',
    '-out',
    serviceAccounts.key,
  ]);
  runSync(['openssl', 'pkey', '-in', serviceAccounts.key, '-pubout', '-out', serviceAccounts.public]);
  const nodes = Array.from({ length: MOST_NODES }, (_, i) => `IP:${nodeAddress(i + 1)}`);
  return {
    authority,
    frontProxyAuthority: frontProxy,
    serviceAccounts,
    apiServer: authority.sign('api-server', {
      subject: '/CN=kube-apiserver',
      usage: 'serverAuth',
      names: [
        ...['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'].map(
          (name) => `DNS:${name}`,
        ),
        ...['127.0.0.1', '10.96.0.1', API_SERVER.host].map((address) => `IP:${address}`),
      ],
    }),
    /** Of whatever answers in a Node's place, and of metrics-server's. */
    node: authority.sign('node', {
      subject: '/O=system:nodes/CN=system:node',
      usage: 'serverAuth',
      names: ['DNS:metrics-server.kube-system.svc', ...nodes, `IP:${API_SERVER.host}`],
    }),
    frontProxy: frontProxy.sign('front-proxy', { subject: '/CN=front-proxy-client', usage: 'clientAuth' }),
    /** Of the API server alone: whose certificate it signed is not told where Nodes answer (node-server.ts). */
    nodesClientAuthority,
    apiServerAtNodes: nodesClientAuthority.sign('api-server-at-nodes', {
      subject: '/CN=kube-apiserver-kubelet-client',
      usage: 'clientAuth',
    }),
    clients: {
      admin: client('admin', '/O=system:masters/CN=admin'),
      // As EKS access entries name who takes these roles on (eks/).
      deployer: client('deployer', '/O=savings-deployers/CN=deployer'),
      'on-call': client('on-call', '/O=savings-on-call/CN=on-call'),
      'kube-controller-manager': client('kube-controller-manager', '/CN=system:kube-controller-manager'),
      'kube-scheduler': client('kube-scheduler', '/CN=system:kube-scheduler'),
      'kube-proxy': client('kube-proxy', '/CN=system:kube-proxy'),
      kwok: client('kwok', '/O=system:masters/CN=kwok'),
      agent: client('agent', '/O=system:masters/CN=agent'),
    },
  };
}

export type Certificates = ReturnType<typeof makeCertificates>;
export type Client = keyof Certificates['clients'];
