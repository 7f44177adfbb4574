import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { freePort } from '../support/free-port.ts';
import { ROOT } from '../support/server-process.ts';
import { answers, patiently, startProcess } from './prometheus-server.ts';

export const ALERTMANAGER_CONFIG = join(ROOT, 'kustomize/components/alertmanager/alertmanager.yml');

/** What Alertmanager posts to a webhook, as far as the tests read it. */
export interface Message {
  receiver: string;
  status: 'firing' | 'resolved';
  alerts: { status: string; labels: Record<string, string>; annotations: Record<string, string> }[];
}

interface Route {
  routes?: Route[];
  active_time_intervals?: string[];
  [setting: string]: unknown;
}

interface Config {
  route: Route;
  receivers: { name: string; webhook_configs: Record<string, unknown>[] }[];
}

/**
 * The cluster's alertmanager.yml for Debian's 0.25, which does not read addresses from files.
 *
 * @param addressOf a file's address, by its name
 * @param hasty whether it waits half a second wherever it would wait longer, and at any time of the week
 */
export function localAlertmanagerConfig(
  text: string,
  addressOf: (file: string) => string,
  hasty = false,
): string {
  const config = Bun.YAML.parse(text) as Config;
  const receivers = config.receivers.map(({ name, webhook_configs }) => ({
    name,
    webhook_configs: webhook_configs.map(({ url_file, ...kept }) => ({
      ...kept,
      url: addressOf(basename(url_file as string)),
    })),
  }));
  const route = hasty ? hastyRoute(config.route) : config.route;
  return JSON.stringify({ ...config, route, receivers });
}

function hastyRoute({ active_time_intervals: _, routes, ...route }: Route): Route {
  const waits = { group_wait: '500ms', group_interval: '500ms' };
  const repeats = route.receiver === 'heartbeat' ? { repeat_interval: '500ms' } : {};
  return { ...route, ...waits, ...repeats, ...(routes && { routes: routes.map(hastyRoute) }) };
}

/** Debian's Alertmanager with our configuration, and a receiver of what it sends. */
export async function startAlertmanager() {
  const folder = await mkdtemp(join(tmpdir(), 'savings-alertmanager-'));
  const messages: Message[] = [];
  let lastHeartbeatMs = Number.NaN;
  const receiver = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: async (request) => {
      const message = (await request.json()) as Message;
      messages.push(message);
      if (new URL(request.url).pathname === '/heartbeat-url') lastHeartbeatMs = performance.now();
      return new Response();
    },
  });
  const config = join(folder, 'alertmanager.yml');
  const addressOf = (file: string) => `http://127.0.0.1:${receiver.port}/${file}`;
  await writeFile(
    config,
    localAlertmanagerConfig(await readFile(ALERTMANAGER_CONFIG, 'utf8'), addressOf, true),
  );
  const address = `127.0.0.1:${await freePort()}`;
  const process = startProcess('prometheus-alertmanager', [
    `--config.file=${config}`,
    `--storage.path=${join(folder, 'data')}`,
    `--web.listen-address=${address}`,
    '--cluster.listen-address=',
  ]);
  const stop = async () => {
    await process.stop();
    await receiver.stop(true);
    await rm(folder, { recursive: true, force: true });
  };
  await patiently('Alertmanager should be ready', () => answers(`http://${address}/-/ready`)).catch(
    async (error) => {
      await stop();
      throw new Error(`${error.message}: ${process.said()}`);
    },
  );
  return {
    address,
    messages,
    /** How long ago a heartbeat came, in ms; NaN before the first. */
    sinceHeartbeatMs: () => performance.now() - lastHeartbeatMs,
    /** Tells it of alerts as Prometheus would. */
    async fire(...alerts: Record<string, string>[]): Promise<void> {
      const response = await fetch(`http://${address}/api/v2/alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(alerts.map((labels) => ({ labels }))),
      });
      if (!response.ok) throw new Error(`Alertmanager refuses alerts: ${await response.text()}`);
    },
    /** The names of the alerts that are held back because of another. */
    async inhibited(): Promise<string[]> {
      const response = await fetch(`http://${address}/api/v2/alerts`);
      const alerts = (await response.json()) as {
        labels: { alertname: string };
        status: { inhibitedBy: string[] };
      }[];
      return alerts.flatMap(({ labels, status }) => (status.inhibitedBy.length > 0 ? labels.alertname : []));
    },
    stop,
  };
}
