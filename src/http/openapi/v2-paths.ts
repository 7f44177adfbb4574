import type { Model } from '../../model/model.ts';
import { VERSION } from '../../version.ts';
import { SEND_LESS } from '../schemas.ts';
import { outputsOf, outputTensor } from '../v2/outputs.ts';
import { modelMetadata as describeModel } from '../v2/routes.ts';
import {
  documentedInferRequest,
  inferResponse,
  live,
  modelMetadata,
  modelReady,
  ready,
  serverMetadata,
  v2Error,
} from '../v2/schemas.ts';
import { NO_MODEL } from '../variant.ts';
import {
  ACCEPT_HEADERS,
  BODY_BOUND,
  type Components,
  type JsonSchema,
  json,
  type Operation,
  type Parameter,
  type Paths,
  type ResponseObject,
} from './operation.ts';

export function v2Paths(model: Model, components: Components): Paths {
  const { name } = model.manifest;
  const parameter = (its: string, description: string, example: string): Parameter => {
    return { name: its, in: 'path', required: true, description, schema: { type: 'string' }, example };
  };
  const nameParameter = parameter('name', 'The name of the live model.', name);
  const versionParameter = parameter('version', 'The version of the live model.', model.version);
  const refused = refusals(components, model);
  const unready = { description: 'Not ready: no model is live yet, or the server is stopping.' };

  const server: Operation = {
    operationId: 'v2Server',
    tags: ['inference'],
    summary: 'What this server is',
    responses: {
      200: {
        description: 'Its name and version.',
        content: json(components.ref('V2Server', serverMetadata), {
          here: { summary: 'This server', value: { name: 'savings', version: VERSION, extensions: [] } },
        }),
      },
      503: refused[503],
    },
  };
  const paths: Paths = {
    '/v2': { get: server },
    '/v2/': { get: { ...server, operationId: 'v2ServerSlash' } },
    '/v2/health/live': {
      get: {
        operationId: 'v2Live',
        tags: ['inference'],
        summary: 'Whether the process is up',
        responses: { 200: { description: 'It is.', content: json(components.ref('V2Live', live)) } },
      },
    },
    '/v2/health/ready': {
      get: {
        operationId: 'v2Ready',
        tags: ['inference'],
        summary: 'Whether a model is live',
        responses: {
          200: { description: 'It is.', content: json(components.ref('V2Ready', ready)) },
          503: { ...unready, content: json(components.ref('V2Ready', ready)) },
        },
      },
    },
  };
  const request = components.ref(
    'V2InferRequest',
    documentedInferRequest(outputsOf(model).map((output) => output.name)),
  );
  for (const [path, suffix, parameters] of [
    ['/v2/models/{name}', '', [nameParameter]],
    ['/v2/models/{name}/versions/{version}', 'Version', [nameParameter, versionParameter]],
  ] as const) {
    const shared = { tags: ['inference'], parameters: [...parameters] };
    const ownReady = components.ref('V2ModelReady', modelReady);
    paths[path] = {
      get: {
        ...shared,
        operationId: `v2Model${suffix}`,
        summary: 'The tensors that it takes and gives',
        responses: {
          200: {
            description: 'Its metadata.',
            content: json(components.ref('V2Model', modelMetadata), {
              live: { summary: 'The live model', value: describeModel(model) },
            }),
          },
          404: refused[404],
          503: refused[503],
        },
      },
    };
    paths[`${path}/ready`] = {
      get: {
        ...shared,
        operationId: `v2ModelReady${suffix}`,
        summary: 'Whether it is live',
        responses: {
          200: { description: 'It is.', content: json(ownReady) },
          404: refused[404],
          503: {
            ...unready,
            content: json({ anyOf: [ownReady, components.ref('V2Error', v2Error)] }),
          },
        },
      },
    };
    paths[`${path}/infer`] = { post: { ...shared, ...inference(model, components, request, suffix) } };
  }
  return paths;
}

function inference(
  model: Model,
  components: Components,
  request: JsonSchema,
  suffix: string,
): Omit<Operation, 'tags' | 'parameters'> {
  const { features } = model.inputs;
  const defaults = model.inputs.defaults();
  const inputs = describeModel(model).inputs.map((tensor) => {
    return { ...tensor, shape: [1], data: [defaults[tensor.name]] };
  });
  const outputs = outputsOf(model);
  const response = (asked: typeof outputs, rows: number, id?: string) => ({
    model_name: model.manifest.name,
    model_version: model.version,
    ...(id !== undefined && { id }),
    outputs: asked.map((output) =>
      outputTensor(output, Array(rows).fill(model.predict(defaults)), Array(rows).fill(defaults)),
    ),
  });
  const row = features.map(({ name }) => defaults[name]);
  const matrix = { name: 'inputs', datatype: 'FP64', shape: [2, features.length], data: [row, row] };
  const [amount] = outputs;
  const numeric = features.every(({ kind }) => kind !== 'choice');
  const refused = refusals(components, model);
  return {
    operationId: `v2Infer${suffix}`,
    summary: 'Predict from tensors',
    description: BODY_BOUND,
    requestBody: {
      required: true,
      content: json(request, {
        columns: { summary: 'A tensor for each input; all outputs', value: { id: '42', inputs } },
        ...(numeric && {
          matrix: {
            summary: 'One matrix of all inputs; one output',
            value: { inputs: [matrix], outputs: [{ name: amount.name }] },
          },
        }),
      }),
    },
    responses: {
      200: {
        description: 'One tensor an output.',
        content: json(components.ref('V2InferResponse', inferResponse), {
          columns: { summary: 'All outputs', value: response(outputs, 1, '42') },
          ...(numeric && { matrix: { summary: 'One output', value: response([amount], 2) } }),
        }),
      },
      ...refused,
    },
  };
}

function refusals(
  components: Components,
  { manifest }: Model,
): Record<400 | 404 | 408 | 413 | 415 | 503, ResponseObject> {
  const error = (description: string, example: string): ResponseObject => ({
    description,
    content: json(components.ref('V2Error', v2Error), {
      refused: { summary: description, value: { error: example } },
    }),
  });
  return {
    400: error('The request, or an input in it, is refused.', 'Cannot read the body: it is not JSON.'),
    404: error('Another model is live.', `Cannot find that model: the one that is live is ${manifest.name}.`),
    408: error('The body did not come in time.', 'Cannot read the body: it did not come within 30 seconds.'),
    413: error(
      'The body is over MAX_BODY_BYTES, as it is sent or when it is no longer compressed.',
      `Cannot read the body: it is over 1048576 bytes; ${SEND_LESS}.`,
    ),
    415: {
      ...error(
        'The body is of another type, or compressed in another way than gzip or deflate.',
        'Cannot read the body: send it as application/json.',
      ),
      headers: ACCEPT_HEADERS,
    },
    503: error('No model is live yet, or more is asked than can be answered now.', NO_MODEL),
  };
}
