import { Hono } from 'hono';
import type { Deps } from '../deps.ts';
import { liveModel } from '../rows.ts';
import { openApiDocument } from './document.ts';

export function openApiRoutes(deps: Deps): Hono {
  return new Hono().get('/openapi.json', (c) => c.json(openApiDocument(liveModel(deps))));
}
