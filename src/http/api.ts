import { type Context, Hono } from 'hono';
import type { Explanation } from '../model/explanation.ts';
import type { Model } from '../model/model.ts';
import type { Prediction } from '../model/prediction.ts';
import type { Deps } from './deps.ts';
import { RefusedInputsError } from './errors.ts';
import { type JsonHandler, readJson } from './json-body.ts';
import { type JsonResponse, jsonResponse } from './response-headers.ts';
import { MAX_ERRORS, parseRows, predictRows } from './rows.ts';
import { type ModelFacts, type PredictRequest, type PredictResponse, predictEnvelope } from './schemas.ts';
import { apiVariant, liveModel } from './variant.ts';

/** What hono/client needs to know of these routes: `hc<Api>(address)`. */
export type Api = ReturnType<typeof apiRoutes>;

export function apiRoutes(deps: Deps) {
  const predictJson: JsonHandler<PredictRequest, JsonResponse<PredictResponse>> = (c) => predict(c, deps);
  return new Hono()
    .post('/api/v1/predict', predictJson)
    .get('/api/v1/model', (c) => c.json(describeModel(liveModel(deps))));
}

/** One bad row refuses the whole request. */
async function predict(c: Context, deps: Deps): Promise<JsonResponse<PredictResponse>> {
  const variant = apiVariant(c, deps);
  const { model } = variant;
  const request = await readJson(c, predictEnvelope, deps.maxBodyBytes);
  const several = Array.isArray(request.inputs);
  const { inputs, errors } = parseRows(model, several ? (request.inputs as unknown[]) : [request.inputs]);
  if (errors.length > 0) {
    deps.metrics.rejected(errors);
    const most = errors.length >= MAX_ERRORS ? ` These are the first ${MAX_ERRORS}.` : '';
    throw new RefusedInputsError(
      `Cannot predict: some inputs are missing or wrong.${most}`,
      several ? errors : errors.map(({ row: _, ...error }) => error),
    );
  }
  const predictions = predictRows(deps, variant, inputs, 'api');
  const explanations = request.contributions
    ? predictions.map((prediction, i) => model.explain(inputs[i], prediction) ?? null)
    : undefined;
  return jsonResponse(c, model, describePredictions(model, predictions, explanations));
}

export function describePredictions(
  model: Model,
  predictions: readonly Prediction[],
  explanations?: readonly (Explanation | null)[],
): PredictResponse {
  const { name, target } = model.manifest;
  const shown = model.words.budget ? withBudget : withoutBudget;
  return {
    model: { name, version: model.version, sha256: model.sha256 },
    ...(target.currency === undefined ? {} : { currency: target.currency }),
    ...(target.period === undefined ? {} : { period: target.period }),
    predictions: predictions.map((prediction, i) =>
      explanations ? { ...shown(prediction), contributions: explanations[i] } : shown(prediction),
    ),
  };
}

/** A prediction without what only the page needs; named one by one: to copy a rest takes as long as the forest. */
function withBudget({ amount, rate, income, totalExpenses, remainder, interval, warnings }: Prediction) {
  return { amount, rate, income, totalExpenses, remainder, interval, warnings };
}

export function describeModel(model: Model): ModelFacts {
  const { encoding: _, files: __, format: ___, ...facts } = model.manifest;
  return { ...facts, sha256: model.sha256 };
}

function withoutBudget({ amount, interval, warnings }: Prediction) {
  return { amount, interval, warnings };
}
