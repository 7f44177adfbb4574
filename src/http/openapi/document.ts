import type { Model } from '../../model/model.ts';
import { VERSION } from '../../version.ts';
import { currencyName } from '../../views/format.ts';
import { apiPaths } from './api-paths.ts';
import { batchPaths } from './batch-paths.ts';
import { healthPaths } from './health-paths.ts';
import { Components, type JsonSchema, type Paths } from './operation.ts';
import { v2Paths } from './v2-paths.ts';

export interface OpenApiDocument {
  openapi: '3.1.0';
  info: {
    title: string;
    version: string;
    description: string;
    license: { name: string; identifier: string };
  };
  tags: { name: string; description: string }[];
  paths: Paths;
  components: { schemas: Record<string, JsonSchema> };
}

const documents = new WeakMap<Model, OpenApiDocument>();

/** What programs can ask of this server while this model is live; made once a model. */
export function openApiDocument(model: Model): OpenApiDocument {
  let document = documents.get(model);
  if (document === undefined) {
    document = describe(model);
    documents.set(model, document);
  }
  return document;
}

function describe(model: Model): OpenApiDocument {
  const { currency, period, unit } = model.manifest.target;
  const { label, target, budget, one } = model.words;
  const amounts =
    currency === undefined
      ? `Predictions are in ${unit}. `
      : `Amounts are in ${currencyName(currency)}${period === undefined ? '' : `, for a ${period}`}. `;
  const components = new Components();
  const paths = {
    ...apiPaths(model, components),
    ...batchPaths(model, components),
    ...v2Paths(model, components),
    ...healthPaths(model, components),
  };
  return {
    openapi: '3.1.0',
    info: {
      title: label,
      version: VERSION,
      description:
        `Predicts ${target} from ${budget ? "a household's" : 'named'} figures. ${amounts}` +
        'The schemas are made from the ones that check each request, for the model that is live now. Bodies may be ' +
        'compressed with gzip or deflate, as Content-Encoding says. HEAD is answered wherever GET is, and OPTIONS ' +
        'everywhere; a method that an address does not take is refused with 405 and those that it takes in Allow.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    tags: [
      { name: 'predictions', description: `One ${one} or many, in named figures.` },
      { name: 'inference', description: 'The Open Inference Protocol, version 2, in tensors.' },
      { name: 'health', description: 'For probes and load balancers.' },
    ],
    paths,
    components: { schemas: components.toJSON() },
  };
}
