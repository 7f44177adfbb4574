/** @jsxImportSource hono/jsx */
import { type Context, Hono } from 'hono';
import type { FieldError, Inputs } from '../model/features.ts';
import type { Model, Prediction } from '../model/model.ts';
import { type Format, formatFor } from '../views/format.ts';
import { Household } from '../views/household.tsx';
import { Waiting } from '../views/waiting.tsx';
import { readText } from './body.ts';
import type { Deps } from './deps.ts';
import { render } from './render.tsx';

const TITLE = 'Savings: what your household could put aside';

export function pageRoutes(deps: Deps): Hono {
  return new Hono()
    .get('/', (c) => {
      const { model } = deps.live;
      if (model === undefined) return waiting(c, deps);
      const defaults = model.inputs.defaults();
      return page(c, 200, model, {
        values: asText(defaults),
        prediction: model.predict(defaults),
        example: true,
      });
    })
    .post('/predict', async (c) => {
      const { model } = deps.live;
      if (model === undefined) return waiting(c, deps);
      const text = await readText(c, 'application/x-www-form-urlencoded', deps.maxBodyBytes);
      const values = Object.fromEntries(new URLSearchParams(text));
      const parsed = model.inputs.parseText(values);
      if (!parsed.ok) {
        deps.metrics.rejected(parsed.errors);
        return page(c, 422, model, { values, errors: parsed.errors });
      }
      const began = performance.now();
      const prediction = model.predict(parsed.inputs);
      deps.metrics.predicted(
        model,
        'champion',
        'page',
        [parsed.inputs],
        [prediction],
        performance.now() - began,
      );
      return page(c, 200, model, { values, prediction });
    });
}

interface Shown {
  values: Readonly<Record<string, string>>;
  prediction?: Prediction;
  errors?: readonly FieldError[];
  example?: boolean;
}

function page(c: Context, status: 200 | 422, model: Model, shown: Shown): Response {
  const format = readersFormat(c, model);
  return render(
    c,
    status,
    format.locale,
    TITLE,
    <Household
      manifest={model.manifest}
      sha256={model.sha256}
      format={format}
      values={shown.values}
      errors={shown.errors ?? []}
      prediction={shown.prediction}
      example={shown.example ?? false}
    />,
  );
}

/** Before the first model is there; the page asks again by itself. */
function waiting(c: Context, { live }: Deps): Response {
  c.header('retry-after', '5');
  c.header('refresh', '5; url=/');
  return render(c, 503, 'en', TITLE, <Waiting failed={live.state.failure !== undefined} />);
}

function readersFormat(c: Context, model: Model): Format {
  return formatFor(c.req.header('accept-language'), model.manifest.target.currency);
}

function asText(inputs: Inputs): Record<string, string> {
  return Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, String(value)]));
}
