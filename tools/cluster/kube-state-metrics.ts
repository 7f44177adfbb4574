/**
 * Stands in for kube-state-metrics, whose Go module cannot be had: watches what `--resources` names with the service
 * account of its pod, and answers as kube-state-metrics' documentation says. Where it may not list something, it says
 * so in its log and goes on without, as the original does.
 *
 * usage, in a pod: bun kube-state-metrics.ts --resources=RESOURCE,... [--port=8080] [--telemetry-port=8081]
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ApiClient, type KubernetesObject } from './api-client.ts';
import { EXPOSITION_TYPE, exposition } from './exposition.ts';
import { kubeStateSeries, RESOURCES, type Resource } from './kube-state-series.ts';

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
/** So that what a watch has missed is seen; and after a failure. */
const [LIST_AGAIN_MS, RETRY_MS] = [60_000, 1_000];

// Strict: an argument that this program has not is an error, as it is for the original.
const { values } = parseArgs({
  options: {
    resources: { type: 'string' },
    port: { type: 'string', default: '8080' },
    'telemetry-port': { type: 'string', default: '8081' },
  },
});
const resources = (values.resources ?? '').split(',').map((name): Resource => {
  if (name in RESOURCES) return name as Resource;
  const known = Object.keys(RESOURCES).join(', ');
  throw new Error(`Cannot tell of ${name || 'nothing'}: this stand-in knows ${known}.`);
});

const { KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT } = process.env;

/** Anew each time: the kubelet puts another token there before one ends. */
const api = () =>
  new ApiClient(`https://${KUBERNETES_SERVICE_HOST}:${KUBERNETES_SERVICE_PORT}`, {
    ca: join(SERVICE_ACCOUNT, 'ca.crt'),
    token: readFileSync(join(SERVICE_ACCOUNT, 'token'), 'utf8').trim(),
  });

/** By its uid, every object that is there now. */
type Objects = Map<string, KubernetesObject>;

async function keepCurrent(resource: Resource, objects: Objects): Promise<never> {
  const path = RESOURCES[resource];
  for (;;) {
    try {
      const client = api();
      const items = await client.list(path);
      objects.clear();
      for (const item of items) objects.set(item.metadata.uid!, item);
      for await (const { type, object } of client.watch(path, AbortSignal.timeout(LIST_AGAIN_MS))) {
        if (type === 'DELETED') objects.delete(object.metadata.uid!);
        else objects.set(object.metadata.uid!, object);
      }
    } catch (error) {
      console.error(`Failed to watch ${resource}: ${(error as Error).message}`);
      await Bun.sleep(RETRY_MS);
    }
  }
}

const state = resources.map((resource) => ({ resource, objects: new Map() as Objects }));
for (const { resource, objects } of state) void keepCurrent(resource, objects);

function metrics(): Response {
  const series = state.flatMap(({ resource, objects }) =>
    [...objects.values()].flatMap((object) => kubeStateSeries(resource, object)),
  );
  return new Response(exposition(series), { headers: { 'content-type': EXPOSITION_TYPE } });
}

const ok = () => new Response('OK');

/** Whether the API server says that it lives. */
const livez = () =>
  api()
    .text('/livez')
    .then(ok, () => new Response('Service Unavailable', { status: 503 }));

Bun.serve({
  port: Number(values.port),
  hostname: '0.0.0.0',
  routes: { '/metrics': metrics, '/livez': livez, '/healthz': ok },
  fetch: () => new Response('Not Found', { status: 404 }),
});
Bun.serve({
  port: Number(values['telemetry-port']),
  hostname: '0.0.0.0',
  routes: { '/readyz': ok },
  fetch: () => new Response('Not Found', { status: 404 }),
});
process.on('SIGTERM', () => process.exit());
