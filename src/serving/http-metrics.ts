import type { Registry } from 'prom-client';
import { type Count, type Distribution, LabelledCounter, LabelledHistogram } from './counters.ts';

/** Statuses that an objective counts as failures: the first one must be seen to have come after none. */
const FAILURES = ['500', '503'];

/** The client sent its body too slowly, or left: how long that took is its own doing, and says nothing of the server. */
const CLIENTS_TIME = [408, 499];

/** Seconds: from a cached response to a stalled one. The objective's 0.25 must be among them. */
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** The series of one route and method. */
interface Route {
  byStatus: Map<number, Count>;
  seconds: Distribution;
}

/** Counts and times requests, by the route's pattern. */
export class HttpMetrics {
  readonly #requests: LabelledCounter<'method' | 'route' | 'status'>;
  readonly #duration: LabelledHistogram<'method' | 'route'>;
  /** By method, then route pattern. */
  readonly #routes = new Map<string, Map<string, Route>>();

  constructor(registry: Registry) {
    this.#requests = new LabelledCounter(
      registry,
      'savings_http_requests_total',
      'HTTP requests, by route pattern.',
      ['method', 'route', 'status'],
    );
    this.#duration = new LabelledHistogram(
      registry,
      'savings_http_request_duration_seconds',
      'Time from a request to its response, by route pattern.',
      ['method', 'route'],
      SECONDS,
    );
  }

  /** Makes the series of routes before their first request, so that the first failure counts. */
  expectRoutes(routes: readonly { method: string; path: string }[]): void {
    for (const { method, path } of routes) {
      this.#route(method, path);
      for (const status of FAILURES) this.#requests.child({ method, route: path, status });
    }
  }

  /** @param route the pattern, never the path */
  answered(method: string, route: string, status: number, ms: number): void {
    const { byStatus, seconds } = this.#route(method, route);
    let count = byStatus.get(status);
    if (count === undefined) {
      count = this.#requests.child({ method, route, status: String(status) });
      byStatus.set(status, count);
    }
    count.value++;
    if (!CLIENTS_TIME.includes(status)) seconds.observe(ms / 1000);
  }

  #route(method: string, path: string): Route {
    let routes = this.#routes.get(method);
    if (routes === undefined) {
      routes = new Map();
      this.#routes.set(method, routes);
    }
    let route = routes.get(path);
    if (route === undefined) {
      route = { byStatus: new Map(), seconds: this.#duration.child({ method, route: path }) };
      routes.set(path, route);
    }
    return route;
  }
}
