import type { FieldError } from '../../model/features.ts';
import type { Model } from '../../model/model.ts';
import { describeModel, describePredictions } from '../api.ts';
import { modelFacts, predictRequest, predictResponseOf, problemDetails, SEND_LESS } from '../schemas.ts';
import { NO_MODEL, SUBJECT_HEADER } from '../variant.ts';
import {
  ACCEPT_HEADERS,
  BODY_BOUND,
  type Components,
  json,
  type Parameter,
  type Paths,
  problemExample,
  type ResponseObject,
} from './operation.ts';

const SUBJECT: Parameter = {
  name: SUBJECT_HEADER,
  in: 'header',
  required: false,
  description:
    'Any text that stands for whoever the prediction is for. While two models share the requests, the same text is ' +
    'always answered by the same one; without it the champion answers. It is hashed, and neither kept nor logged.',
  schema: { type: 'string' },
};

export function apiPaths(model: Model, components: Components): Paths {
  const { target, one, many, budget } = model.words;
  components.ref(budget ? 'Household' : 'Inputs', model.inputs.schema);
  const example = model.inputs.defaults();
  const prediction = model.predict(example);
  const response = (rows: number) => describePredictions(model, Array(rows).fill(prediction));
  return {
    '/api/v1/predict': {
      post: {
        operationId: 'predict',
        tags: ['predictions'],
        summary: `Predict the ${target} of one ${one}, or of each of a list`,
        description: `One bad ${one} refuses the whole request, so that an answer never holds less than was asked for. ${BODY_BOUND}`,
        parameters: [SUBJECT],
        requestBody: {
          required: true,
          content: json(components.ref('PredictRequest', predictRequest(model.inputs.schema)), {
            one: { summary: `One ${one}`, value: { inputs: example } },
            many: { summary: `A list of ${many}`, value: { inputs: [example, example] } },
            why: { summary: `One ${one}, and why`, value: { inputs: example, contributions: true } },
          }),
        },
        responses: {
          200: {
            description: 'The predictions, in the order of the request.',
            content: json(
              components.ref(
                'PredictResponse',
                predictResponseOf(model.manifest.target, budget !== undefined),
              ),
              {
                one: { summary: `One ${one}`, value: response(1) },
                many: { summary: `A list of ${many}`, value: response(2) },
                why: {
                  summary: `One ${one}, and why`,
                  value: describePredictions(
                    model,
                    [prediction],
                    [model.explain(example, prediction) ?? null],
                  ),
                },
              },
            ),
          },
          ...bodyProblems(components),
          422: problemResponse(
            components,
            'An input is missing or wrong; `errors` names each.',
            problemExample(
              422,
              'Invalid inputs',
              'Cannot predict: some inputs are missing or wrong.',
              withoutIncome(model),
            ),
          ),
          503: unavailable(components),
        },
      },
    },
    '/api/v1/model': {
      get: {
        operationId: 'describeModel',
        tags: ['predictions'],
        summary: 'What the live model is, what it takes and how well it does',
        responses: {
          200: {
            description: 'Facts of its manifest.',
            content: json(components.ref('Model', modelFacts), {
              live: { summary: 'The model that is live now', value: describeModel(model) },
            }),
          },
          503: unavailable(components),
        },
      },
    },
    '/openapi.json': {
      get: {
        operationId: 'describeApi',
        tags: ['predictions'],
        summary: 'This document',
        responses: {
          200: { description: 'OpenAPI 3.1.', content: json({ type: 'object' }) },
          503: unavailable(components),
        },
      },
    },
  };
}

/** What is said of the model's own example when its income, or else its first input, is left out. */
function withoutIncome({ inputs, income = inputs.features[0]! }: Model): FieldError[] {
  const { [income.name]: _, ...others } = inputs.defaults();
  const parsed = inputs.parse(others);
  return parsed.ok ? [] : parsed.errors;
}

/** How any route that reads a body may refuse it. */
function bodyProblems(components: Components): Record<string, ResponseObject> {
  return {
    400: problemResponse(
      components,
      'The body is not what the route reads.',
      problemExample(400, 'Bad request', 'Cannot read the body: it is not JSON.'),
    ),
    408: problemResponse(
      components,
      'The body did not come in time.',
      problemExample(408, 'Too slow', 'Cannot read the body: it did not come within 30 seconds.'),
    ),
    413: problemResponse(
      components,
      'The body is over MAX_BODY_BYTES, as it is sent or when it is no longer compressed.',
      problemExample(413, 'Too large', `Cannot read the body: it is over 1048576 bytes; ${SEND_LESS}.`),
    ),
    415: unsupported(components, 'application/json'),
  };
}

/** @param type the one that is read */
export function unsupported(components: Components, type: string): ResponseObject {
  return {
    ...problemResponse(
      components,
      'The body is of another type, or compressed in another way than gzip or deflate.',
      problemExample(415, 'Unsupported media type', `Cannot read the body: send it as ${type}.`),
    ),
    headers: ACCEPT_HEADERS,
  };
}

export function unavailable(components: Components): ResponseObject {
  return {
    ...problemResponse(
      components,
      'No model is live yet, or more is asked than can be answered now; try again after `Retry-After` seconds.',
      problemExample(503, 'Not available now', NO_MODEL),
    ),
    headers: { 'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } } },
  };
}

export function problemResponse(
  components: Components,
  description: string,
  examples: ReturnType<typeof problemExample>,
): ResponseObject {
  const schema = components.ref('Problem', problemDetails);
  return { description, content: { 'application/problem+json': { schema, examples } } };
}
