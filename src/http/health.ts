import { Hono } from 'hono';
import type { Deps } from './deps.ts';

/**
 * `/livez`: the process is up. `/readyz`: a verified model is live and the server is not stopping; its body says
 * which model, and what is wrong.
 */
export function healthRoutes({ live, activity }: Deps): Hono {
  return new Hono()
    .get('/livez', (c) => c.json({ status: 'up' }))
    .get('/readyz', (c) => {
      const { model, loadedAt, stale, failure } = live.state;
      const status = activity.stopping ? 'stopping' : model === undefined ? 'loading' : 'ready';
      const body = {
        status,
        model: model && {
          name: model.manifest.name,
          version: model.version,
          sha256: model.sha256,
          loadedAt: loadedAt?.toISOString(),
        },
        stale,
        failure,
      };
      return c.json(body, status === 'ready' ? 200 : 503, { 'cache-control': 'no-store' });
    });
}
