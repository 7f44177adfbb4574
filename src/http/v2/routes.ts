import { type Context, Hono } from 'hono';
import { AppError } from '../../errors.ts';
import type { Model } from '../../model/model.ts';
import type { Variant } from '../../serving/experiment.ts';
import { VERSION } from '../../version.ts';
import type { Deps } from '../deps.ts';
import { readJson } from '../json-body.ts';
import { requestContextOf } from '../request-context.ts';
import { jsonResponse, NO_STORE } from '../response-headers.ts';
import { parseRows, predictRows } from '../rows.ts';
import { apiVariant, variantWithVersion } from '../variant.ts';
import { askedOutputs, outputsOf, outputTensor } from './outputs.ts';
import { readTensors } from './read-tensors.ts';
import { type InferResponse, inferEnvelope, type ModelMetadata } from './schemas.ts';

const MODEL = '/v2/models/:name';
const VERSIONED = `${MODEL}/versions/:version`;

/** The Open Inference Protocol, version 2, over HTTP. docs/decisions/ says where it and the servers differ. */
export function v2Routes(deps: Deps): Hono {
  const app = new Hono();
  // The specification's text has one of these paths, its OpenAPI file the other.
  for (const path of ['/v2', '/v2/']) {
    app.get(path, (c) => c.json({ name: 'savings', version: VERSION, extensions: [] }));
  }
  app.get('/v2/health/live', (c) => c.json({ live: true }));
  app.get('/v2/health/ready', (c) => {
    const ready = isReady(deps);
    return c.json({ live: true, ready }, ready ? 200 : 503, NO_STORE);
  });
  for (const path of [MODEL, VERSIONED]) {
    app.get(path, (c) => c.json(modelMetadata(named(c, deps).model)));
    app.get(`${path}/ready`, (c) => {
      const { name } = named(c, deps).model.manifest;
      const ready = isReady(deps);
      return c.json({ name, ready }, ready ? 200 : 503, NO_STORE);
    });
    app.post(`${path}/infer`, (c) => infer(c, deps));
  }
  return app;
}

const isReady = ({ live, inFlight }: Deps) => live.model !== undefined && !inFlight.stopping;

/**
 * The model that predicts for this client, when it is the one that the address names; a version may also name the other
 * of two that share the clients.
 *
 * @throws AppError `unavailable` or `not_found`
 */
function named(c: Context, deps: Deps): Variant {
  const own = apiVariant(c, deps);
  const { model } = own;
  const { name, version } = c.req.param();
  const variant = version === undefined ? own : variantWithVersion(own, deps, version);
  if (name !== variant?.model.manifest.name) {
    const live = `${model.manifest.name}, version ${model.version}`;
    throw new AppError('not_found', `Cannot find that model: the one that is live is ${live}.`);
  }
  requestContextOf(c).model = variant.model;
  return variant;
}

export function modelMetadata(model: Model): ModelMetadata {
  const { name, features } = model.manifest;
  return {
    name,
    versions: [model.version],
    platform: 'ml-random-forest',
    inputs: features.map((feature) => ({
      name: feature.name,
      datatype: DATATYPE[feature.kind],
      shape: [-1],
    })),
    outputs: outputsOf(model).map((output) => ({
      name: output.name,
      datatype: 'FP64',
      shape: output.columns ? [-1, output.columns.length] : [-1],
    })),
  };
}

const DATATYPE = { number: 'FP64', integer: 'INT64', choice: 'BYTES' } as const;

async function infer(c: Context, deps: Deps): Promise<Response> {
  if (c.req.header('inference-header-content-length') !== undefined) {
    throw new AppError('invalid', 'Cannot read the body: send tensors as JSON (binary_data=False).');
  }
  const variant = named(c, deps);
  const { model } = variant;
  const request = await readJson(c, inferEnvelope, deps.maxBodyBytes, { untyped: true });
  const asked = askedOutputs(outputsOf(model), request.outputs);
  const { inputs, errors } = parseRows(model, readTensors(request.inputs, model.inputs.features));
  const [error] = errors;
  if (error !== undefined) {
    deps.metrics.rejected(errors);
    throw new AppError('invalid', `Cannot predict: row ${error.row}: ${error.message}`);
  }
  const predictions = predictRows(deps, variant, inputs, 'v2');
  const response: InferResponse = {
    model_name: model.manifest.name,
    model_version: model.version,
    ...(typeof request.id === 'string' && { id: request.id }),
    outputs: asked.map((output) => outputTensor(output, predictions, inputs)),
  };
  return jsonResponse(c, model, response);
}
