import { Hono } from 'hono';
import type { LiveModelState } from '../serving/live-model.ts';
import type { Deps } from './deps.ts';
import { LIVENESS_PATH } from './probes.ts';
import { NO_STORE } from './response-headers.ts';

/**
 * `/livez`: the process is up. `/readyz`: a verified model is live and the server is not stopping; its body says
 * which model, and what is wrong. A challenger may be missing: the champion predicts then.
 */
export function healthRoutes({ live, experiment, inFlight }: Deps): Hono {
  return new Hono()
    .get(LIVENESS_PATH, (c) => c.json({ status: 'up' }))
    .get('/readyz', (c) => {
      const { model, stale, failure } = live.state;
      const status = inFlight.stopping ? 'stopping' : model === undefined ? 'loading' : 'ready';
      const body = {
        status,
        model: described(live.state),
        stale,
        failure,
        challenger: experiment && {
          mode: experiment.mode,
          percent: experiment.splits ? experiment.percent : undefined,
          model: described(experiment.challenger),
          stale: experiment.challenger.stale,
          failure: experiment.challenger.failure,
        },
      };
      return c.json(body, status === 'ready' ? 200 : 503, NO_STORE);
    });
}

function described({ model, loadedAt }: Readonly<LiveModelState>) {
  if (model === undefined) return undefined;
  const { manifest, version, sha256 } = model;
  return { name: manifest.name, version, sha256, loadedAt: loadedAt?.toISOString() };
}
