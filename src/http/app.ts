import { Hono } from 'hono';
import { apiRoutes } from './api.ts';
import { assetRoutes } from './assets.ts';
import { batchRoutes } from './batch/routes.tsx';
import type { Deps } from './deps.ts';
import { errorResponse, refusal } from './errors.ts';
import { healthRoutes } from './health.ts';
import { limit } from './limit.ts';
import { handleUnrouted, headAsGet } from './methods.ts';
import { openApiRoutes } from './openapi/routes.tsx';
import { pageRoutes } from './page.tsx';
import { pathOf } from './paths.ts';
import { problem } from './problem.ts';
import { telemetry } from './telemetry.ts';
import { v2Routes } from './v2/routes.ts';

/** The public server's routes. Opens nothing: tests call `app.request()`. */
export function createApp(deps: Deps): Hono {
  const app = new Hono({ getPath: (request, options) => pathOf(request, options?.env) });
  app.route('/', healthRoutes(deps));
  app.route('/', pageRoutes(deps));
  app.route('/', apiRoutes(deps));
  app.route('/', v2Routes(deps));
  app.route('/', batchRoutes(deps));
  app.route('/', openApiRoutes(deps));
  app.route('/', assetRoutes());
  handleUnrouted(app, refusal);
  app.onError((error, c) => errorResponse(error, c, deps));
  deps.metrics.http.expectRoutes(app.routes);
  app.fetch = limit(app, deps);
  app.fetch = headAsGet(app);
  app.fetch = telemetry(app, deps);
  return app;
}

/** The metrics port's one route. */
export function createMetricsApp(deps: Pick<Deps, 'metrics'>): Hono {
  const { registry } = deps.metrics;
  const app = new Hono();
  app.get('/metrics', async (c) =>
    c.body(await registry.metrics(), 200, { 'content-type': registry.contentType }),
  );
  handleUnrouted(app, problem);
  app.fetch = headAsGet(app);
  return app;
}
