/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import { provenanceSentence } from '../../model/provenance.ts';
import { ApiDocs } from '../../views/api-docs.tsx';
import { formatFor } from '../../views/format.ts';
import type { Deps } from '../deps.ts';
import { render } from '../render.tsx';
import { liveModel } from '../variant.ts';
import { openApiDocument } from './document.ts';

export function openApiRoutes(deps: Deps): Hono {
  return new Hono()
    .get('/openapi.json', (c) => c.json(openApiDocument(liveModel(deps))))
    .get('/docs', (c) => {
      const model = liveModel(deps);
      const format = formatFor(c.req.header('accept-language'), model.manifest.target.currency);
      const { info, tags, paths, components } = openApiDocument(model);
      const operations = Object.entries(paths).flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
      );
      return render(c, {
        status: 200,
        locale: format.locale,
        title: 'The API of Savings',
        section: 'docs',
        body: (
          <ApiDocs
            description={info.description}
            provenance={provenanceSentence(model.manifest, format.number)}
            tags={tags}
            operations={operations}
            schemas={components.schemas}
          />
        ),
      });
    });
}
