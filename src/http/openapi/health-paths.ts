import type { Model } from '../../model/model.ts';
import { livez, readyz } from '../schemas.ts';
import { type Components, json, type Paths } from './operation.ts';

export function healthPaths(model: Model, components: Components): Paths {
  const { name } = model.manifest;
  const ready = components.ref('Readiness', readyz);
  const state = { name, version: model.version, sha256: model.sha256, loadedAt: '2026-01-01T00:00:00.000Z' };
  return {
    '/livez': {
      get: {
        operationId: 'isUp',
        tags: ['health'],
        summary: 'Whether the process is up',
        responses: {
          200: {
            description: 'It is.',
            content: json(components.ref('Liveness', livez), {
              up: { summary: 'Up', value: { status: 'up' } },
            }),
          },
        },
      },
    },
    '/readyz': {
      get: {
        operationId: 'isReady',
        tags: ['health'],
        summary: 'Whether a verified model is live, and which',
        responses: {
          200: {
            description: 'It is.',
            content: json(ready, { ready: { summary: 'Ready', value: { status: 'ready', model: state } } }),
          },
          503: {
            description: 'No model is live yet, or the server is stopping.',
            content: json(ready, { loading: { summary: 'Loading', value: { status: 'loading' } } }),
          },
        },
      },
    },
  };
}
