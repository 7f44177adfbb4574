/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import { formatFor } from '../../views/format.ts';
import type { Deps } from '../deps.ts';
import { render } from '../render.tsx';
import { liveModel } from '../variant.ts';
import { ApiDocs } from './docs.tsx';
import { openApiDocument } from './document.ts';

export function openApiRoutes(deps: Deps): Hono {
  return new Hono()
    .get('/openapi.json', (c) => c.json(openApiDocument(liveModel(deps))))
    .get('/docs', (c) => {
      const model = liveModel(deps);
      return render(c, {
        status: 200,
        locale: formatFor(c.req.header('accept-language'), model.manifest.target.currency).locale,
        title: 'The API of Savings',
        section: 'docs',
        body: <ApiDocs document={openApiDocument(model)} />,
      });
    });
}
