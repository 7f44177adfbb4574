import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Manifest } from '../../src/model/manifest.ts';
import { Metrics } from '../../src/serving/metrics.ts';
import { freePort } from '../support/free-port.ts';

const PATIENCE_MS = 30_000;
const ROUTE = '/api/v1/predict';
const MANIFEST = { interval: { bands: [{ below: null }] } } as unknown as Manifest;
const TRACKS = ['canary', 'stable'] as const;
type Track = (typeof TRACKS)[number];

/** What the pods of a track have been asked. All of it is none when left out. */
export interface Traffic {
  good?: number;
  /** Answered by a 500. */
  failed?: number;
  /** Answered well, in 300 ms. */
  slow?: number;
  /** Probes, which are no requests. */
  probes?: number;
  /** Predictions that a challenger made too, and of them those that are a tenth of income away. */
  compared?: number;
  far?: number;
}

/**
 * A pod of each track by the server's own metrics, and a Prometheus that scrapes both as the cluster's does. It takes
 * seconds to begin, so that it serves several cases: in a namespace of its own each has pods that nobody asked before.
 */
export class TwoTracks {
  readonly #pods = new Map<string, Metrics>();
  readonly #exposition = createServer(async (request, response) => {
    const { registry } = this.#pods.get(request.url!)!;
    response.setHeader('content-type', registry.contentType);
    response.end(await registry.metrics());
  });
  #stop = async () => {};
  #namespace = 0;
  url = '';

  /**
   * @param cases how often `next` will be called
   * @throws when Prometheus does not come up
   */
  async start(cases: number): Promise<void> {
    await new Promise<void>((done) => this.#exposition.listen(0, '127.0.0.1', done));
    const target = `127.0.0.1:${(this.#exposition.address() as AddressInfo).port}`;
    const folder = mkdtempSync(join(tmpdir(), 'savings-canary-'));
    const scrapes = Array.from({ length: cases }, (_, i) => `case-${i + 1}`).flatMap((namespace) =>
      TRACKS.map((track) => {
        const path = `/${namespace}/${track}`;
        this.#pods.set(path, newPod());
        return {
          job_name: path,
          metrics_path: path,
          static_configs: [{ targets: [target], labels: { namespace, track } }],
        };
      }),
    );
    // JSON is YAML too.
    const config = { global: { scrape_interval: '250ms' }, scrape_configs: scrapes };
    writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config));
    const address = `127.0.0.1:${await freePort()}`;
    this.url = `http://${address}`;
    const child = spawn(
      'prometheus',
      [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=${address}`,
      ],
      { stdio: 'ignore' },
    );
    const exited = new Promise<void>((done) => child.once('exit', () => done()));
    this.#stop = async () => {
      child.kill('SIGKILL');
      await exited;
      this.#exposition.close();
      rmSync(folder, { recursive: true, force: true });
    };
    // Every series is seen at its beginning, as a pod's are long before anybody asks it.
    await this.#until('count(sum by (namespace, track) (savings_http_requests_total))', 2 * cases);
  }

  async stop(): Promise<void> {
    await this.#stop();
  }

  /** Goes on to the next case, and returns its namespace. */
  next(): string {
    this.#namespace++;
    return `case-${this.#namespace}`;
  }

  /** Lets a track have traffic, and waits until Prometheus knows of it. */
  async serve(track: Track, traffic: Traffic): Promise<void> {
    const namespace = `case-${this.#namespace}`;
    const { http, shadow } = this.#pods.get(`/${namespace}/${track}`)!;
    const { good = 0, failed = 0, slow = 0, probes = 0, compared = 0, far = 0 } = traffic;
    for (let i = 0; i < good; i++) http.answered('POST', ROUTE, 200, 5);
    for (let i = 0; i < failed; i++) http.answered('POST', ROUTE, 500, 5);
    for (let i = 0; i < slow; i++) http.answered('POST', ROUTE, 200, 300);
    for (let i = 0; i < probes; i++) http.answered('GET', '/readyz', 503, 300);
    for (let i = 0; i < compared; i++) shadow.compared(MANIFEST, 1000, 100, i < far ? 200 : 101);
    const all = 2 + good + failed + slow + probes; // two are newPod's
    await this.#until(`sum(savings_http_requests_total{namespace="${namespace}",track="${track}"})`, all);
  }

  async #until(query: string, expected: number): Promise<void> {
    const url = `${this.url}/api/v1/query?query=${encodeURIComponent(query)}`;
    const began = performance.now();
    while (performance.now() - began < PATIENCE_MS) {
      const found = await fetch(url).then(
        (response) => response.json(),
        () => undefined,
      );
      if (Number(found?.data?.result?.[0]?.value[1]) === expected) return;
      await Bun.sleep(50);
    }
    throw new Error(`Prometheus does not come to say ${expected} for ${query}`);
  }
}

function newPod(): Metrics {
  const metrics = new Metrics({ version: '1', revision: 'abc', runtime: 'bun' });
  metrics.http.expectRoutes([
    { method: 'POST', path: ROUTE },
    { method: 'GET', path: '/readyz' },
  ]);
  // The first of each, before anybody looks, so that an increase sees the second.
  metrics.http.answered('POST', ROUTE, 200, 5);
  metrics.http.answered('GET', '/readyz', 503, 5);
  metrics.shadow.compared(MANIFEST, 1000, 100, 101);
  return metrics;
}
