/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import { provenanceSentence } from '../../model/provenance.ts';
import { ApiDocs } from '../../views/api-docs.tsx';
import type { Deps } from '../deps.ts';
import { readersFormat } from '../readers-format.ts';
import { render } from '../render.tsx';
import { liveModel } from '../variant.ts';
import { openApiDocument } from './document.ts';

export function openApiRoutes(deps: Deps): Hono {
  return new Hono()
    .get('/openapi.json', (c) => c.json(openApiDocument(liveModel(deps))))
    .get('/docs', (c) => {
      const model = liveModel(deps);
      const format = readersFormat(c, model.manifest);
      const { info, tags, paths, components } = openApiDocument(model);
      const operations = Object.entries(paths).flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
      );
      return render(c, {
        status: 200,
        locale: format.locale,
        title: 'The API',
        section: 'docs',
        words: model.words,
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
