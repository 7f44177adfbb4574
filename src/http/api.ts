import { type Context, Hono } from 'hono';
import { AppError } from '../errors.ts';
import type { Inputs } from '../model/features.ts';
import type { Model, Prediction } from '../model/model.ts';
import { readText } from './body.ts';
import type { Deps } from './deps.ts';
import { type ProblemError, problem } from './problem.ts';

/** More would make a response that nobody reads. */
const MAX_ERRORS = 20;

export function apiRoutes(deps: Deps): Hono {
  return new Hono()
    .post('/api/v1/predict', (c) => predict(c, deps))
    .get('/api/v1/model', (c) => c.json(describe(liveModel(deps))));
}

/** `{"inputs": {...}}` or `{"inputs": [{...}, ...]}`. One bad row refuses the whole request. */
async function predict(c: Context, deps: Deps): Promise<Response> {
  const model = liveModel(deps);
  const rows = parseRows(await readText(c, 'application/json', deps.maxBodyBytes));
  const several = Array.isArray(rows);
  const inputs: Inputs[] = [];
  const errors: ProblemError[] = [];
  for (const [row, value] of (several ? rows : [rows]).entries()) {
    const parsed = model.inputs.parse(value);
    if (parsed.ok) inputs.push(parsed.inputs);
    else errors.push(...parsed.errors.map((error) => (several ? { row, ...error } : error)));
    if (errors.length >= MAX_ERRORS) break;
  }
  if (errors.length > 0) {
    deps.metrics.rejected(errors);
    const most = errors.length >= MAX_ERRORS ? ` These are the first ${MAX_ERRORS}.` : '';
    return problem(
      c,
      422,
      `Cannot predict: some inputs are missing or wrong.${most}`,
      errors.slice(0, MAX_ERRORS),
    );
  }
  const began = performance.now();
  const predictions = inputs.length === 1 ? [model.predict(inputs[0]!)] : model.predictMany(inputs);
  deps.metrics.predicted(model, 'champion', 'api', inputs, predictions, performance.now() - began);
  const { currency, period } = model.manifest.target;
  return c.json(
    { model: identity(model), currency, period, predictions: predictions.map(predictionJson) },
    200,
    { 'cache-control': 'no-store' },
  );
}

function parseRows(text: string): unknown {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    throw new AppError('invalid', 'Cannot read the body: it is not JSON.', { cause });
  }
  const rows = Object.hasOwn(Object(body), 'inputs') ? (body as { inputs: unknown }).inputs : undefined;
  if (typeof rows !== 'object' || rows === null) {
    throw new AppError('invalid', 'Cannot read the body: it needs "inputs", an object or a list of objects.');
  }
  if (Array.isArray(rows) && rows.length === 0) {
    throw new AppError('invalid', 'Cannot predict: "inputs" is an empty list.');
  }
  return rows;
}

function liveModel({ live }: Deps): Model {
  if (live.model === undefined) {
    throw new AppError('unavailable', 'Cannot predict: no model is loaded yet. Try again in a few seconds.');
  }
  return live.model;
}

const identity = (model: Model) => ({
  name: model.manifest.name,
  version: model.version,
  sha256: model.sha256,
});

/** All of a prediction but what only the page needs. */
function predictionJson({ unclamped: _, score: __, ...shown }: Prediction) {
  return shown;
}

/** What the manifest says, but for the encoding and the files, which only the server itself needs. */
function describe(model: Model) {
  const { encoding: _, derived: __, files: ___, format: ____, ...facts } = model.manifest;
  return { ...facts, sha256: model.sha256 };
}
