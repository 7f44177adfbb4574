import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { KUBELET_PORT } from './addresses.ts';
import type { Container } from './agent/container.ts';
import type { ApiClient } from './api-client.ts';
import { sendLog } from './container-log.ts';
import { containerSeries, volumeSeries } from './container-series.ts';
import { EXPOSITION_TYPE, exposition } from './exposition.ts';

export interface NodeServerOptions {
  /** As somebody who may ask the API server who a token is, and what they may do. */
  api: ApiClient;
  nodes: readonly { name: string; address: string }[];
  containers(): Container[];
  /** Paths of PEM files: the server's own two, and the authority of those who may come without a token. */
  certificate: string;
  key: string;
  clientCa: string;
}

interface User {
  username: string;
  groups?: string[];
  uid?: string;
}

/** Whoever has a certificate of `clientCa`: Bun does not tell whose it is, and nobody else is given one. */
const API_SERVER: User = { username: 'kube-apiserver-kubelet-client', groups: ['system:masters'] };

/** What is answered in place of what was asked for. */
class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Answers at each Node's address what a kubelet would: /containerLogs for `kubectl logs`, /metrics and
 * /metrics/cadvisor for Prometheus. It knows of the containers that are run, and asks the API server, as a kubelet
 * does, who asks and whether they may.
 */
export function startNodeServer(options: NodeServerOptions): void {
  for (const node of options.nodes) listen(node, options);
}

function listen(node: NodeServerOptions['nodes'][number], options: NodeServerOptions): void {
  const tls = {
    cert: readFileSync(options.certificate),
    key: readFileSync(options.key),
    ca: readFileSync(options.clientCa),
    requestCert: true,
    rejectUnauthorized: false,
  };
  const server = createServer(tls, (request, response) => {
    answer(node.name, options, request, response).catch((error) => {
      const status = error instanceof Refusal ? error.status : 500;
      response.writeHead(status, { 'content-type': 'text/plain' }).end(`${error.message}\n`);
    });
  });
  server.listen(KUBELET_PORT, node.address);
}

async function answer(
  node: string,
  options: NodeServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'https://node');
  const user = await userOf(options.api, request);
  const here = options.containers().filter((container) => container.node === node);
  switch (url.pathname) {
    case '/metrics/cadvisor': {
      await allow(options.api, user, node, 'metrics');
      response.writeHead(200, { 'content-type': EXPOSITION_TYPE }).end(exposition(containerSeries(here)));
      return;
    }
    case '/metrics': {
      await allow(options.api, user, node, 'metrics');
      const pods = await options.api.list(`/api/v1/pods?fieldSelector=spec.nodeName=${node}`);
      response.writeHead(200, { 'content-type': EXPOSITION_TYPE }).end(exposition(volumeSeries(here, pods)));
      return;
    }
  }
  await allow(options.api, user, node, 'proxy');
  const [, what, namespace, pod, name] = url.pathname.split('/');
  if (what !== 'containerLogs') throw new Refusal(404, `404 page not found: ${url.pathname}`);
  const find = () =>
    options.containers().find((one) => one.namespace === namespace && one.pod === pod && one.name === name);
  if (!find()) throw new Refusal(404, `nothing is run of container ${name} of pod ${namespace}/${pod}`);
  await sendLog(find, url.searchParams, response);
}

async function userOf(api: ApiClient, request: IncomingMessage): Promise<User> {
  if ((request.socket as TLSSocket).authorized) return API_SERVER;
  const token = request.headers.authorization?.replace(/^Bearer /, '');
  if (!token) throw new Refusal(401, 'Unauthorized');
  const { status } = await review(api, 'authentication', 'TokenReview', { token });
  if (!status.authenticated) throw new Refusal(401, 'Unauthorized');
  return status.user;
}

/** @throws Refusal unless the user may read this of the Node */
async function allow(api: ApiClient, { username, groups, uid }: User, node: string, subresource: string) {
  const resourceAttributes = { verb: 'get', resource: 'nodes', subresource, name: node };
  const spec = { user: username, groups, uid, resourceAttributes };
  const { status } = await review(api, 'authorization', 'SubjectAccessReview', spec);
  if (status.allowed) return;
  const asked = `user=${username}, verb=get, resource=nodes, subresource(s)=[${subresource}]`;
  throw new Refusal(403, `Forbidden (${asked})`);
}

function review(api: ApiClient, group: string, kind: string, spec: object) {
  const apiVersion = `${group}.k8s.io/v1`;
  return api.request('POST', `/apis/${apiVersion}/${kind.toLowerCase()}s`, { apiVersion, kind, spec });
}
