/** @jsxImportSource hono/jsx */
import { type Context, Hono } from 'hono';
import { resultCsv } from '../dataset/result-csv.ts';
import type { Model } from '../model/model.ts';
import { provenanceSentence } from '../model/provenance.ts';
import { bracketsName, noBetterThanBrackets, shortcomingsOf } from '../model/shortcomings.ts';
import type { Variant } from '../serving/experiment.ts';
import { HouseholdForm } from '../views/form/form.tsx';
import { Household, HouseholdPage, pageTitle } from '../views/household.tsx';
import { ModelCard } from '../views/model-card.tsx';
import { Waiting } from '../views/waiting.tsx';
import { readText } from './body.ts';
import type { Deps } from './deps.ts';
import { exampleHousehold, type HouseholdState, readHousehold } from './household.ts';
import { readersFormat } from './readers-format.ts';
import { render } from './render.tsx';
import { csvDownload, RETRY_AFTER } from './response-headers.ts';
import { pageVariant, recordPredictions } from './variant.ts';

/** The GETs of what is posted are what a browser asks for when the address of a result, or a refusal, is opened again. */
export function pageRoutes(deps: Deps): Hono {
  return new Hono()
    .get('/', (c) => {
      const variant = pageVariant(c, deps);
      if (variant === undefined) return waiting(c, deps);
      const { model } = variant;
      return page(c, deps, model, exampleHousehold(model, readersFormat(c, model.manifest)));
    })
    .post('/predict', async (c) => {
      const variant = pageVariant(c, deps);
      if (variant === undefined) return waiting(c, deps);
      const { model } = variant;
      const body = await readForm(c, deps);
      const began = performance.now();
      const household = readHousehold(model, body, readersFormat(c, model.manifest));
      if (household.intent === 'submit') record(deps, variant, household, performance.now() - began);
      return page(c, deps, model, household);
    })
    .get('/predict', (c) => c.redirect('/', 303))
    .post('/result.csv', async (c) => {
      const variant = pageVariant(c, deps);
      if (variant === undefined) return waiting(c, deps);
      const { model } = variant;
      const household = readHousehold(model, await readForm(c, deps), readersFormat(c, model.manifest));
      const { result, kept } = household;
      if (result === undefined) return page(c, deps, model, household);
      // It says again what the page said, so it counts as no prediction.
      return c.body(
        resultCsv(model.manifest, result, kept, new Date()),
        200,
        csvDownload(`${model.manifest.name}-result.csv`),
      );
    })
    .get('/result.csv', (c) => c.redirect('/', 303))
    .get('/model', (c) => {
      const variant = pageVariant(c, deps);
      if (variant === undefined) return waiting(c, deps);
      const { model } = variant;
      const { manifest, sha256, words } = model;
      const format = readersFormat(c, model.manifest);
      const shortcomings = shortcomingsOf(manifest);
      const provenance = provenanceSentence(manifest, format.number);
      const brackets = { name: bracketsName(manifest.target), noBetter: noBetterThanBrackets(manifest) };
      return render(c, {
        status: 200,
        locale: format.locale,
        title: `Model ${manifest.version}: how it was made and how well it does`,
        section: 'model',
        words,
        body: <ModelCard {...{ manifest, words, sha256, shortcomings, provenance, brackets, format }} />,
      });
    });
}

const readForm = (c: Context, { maxBodyBytes }: Deps) =>
  readText(c, 'application/x-www-form-urlencoded', maxBodyBytes);

/** Only what a person settled on is recorded; what a slider asks on its way is no prediction that anybody made. */
function record(deps: Deps, variant: Variant, { result, errors }: HouseholdState, ms: number): void {
  if (result) recordPredictions(deps, variant, 'page', [result.inputs], [result.prediction], ms);
  else deps.metrics.rejected(errors);
}

function page(c: Context, deps: Deps, model: Model, household: HouseholdState): Response {
  const format = readersFormat(c, model.manifest);
  const { manifest, words, sha256 } = model;
  const provenance = provenanceSentence(manifest, format.number);
  const date = new Date();
  const props = { ...household, manifest, words, sha256, format, provenance, help: deps.help, date };
  return render(c, {
    status: household.result ? 200 : 422,
    locale: format.locale,
    title: pageTitle(words),
    section: 'household',
    words,
    // Only the page's own script can fill in later what is left out.
    body: <HouseholdPage {...props} inView={undefined} />,
    // An input was refused: what is on the page already stays, and only the form says so.
    fragment: household.result ? <Household {...props} /> : <HouseholdForm {...props} />,
  });
}

/** Stands in until the first model is there; the page asks again by itself. */
function waiting(c: Context, { live }: Deps): Response {
  c.header(...RETRY_AFTER);
  c.header('refresh', '5; url=/');
  return render(c, {
    status: 503,
    locale: 'en',
    title: 'Almost ready',
    section: 'household',
    body: <Waiting failed={live.state.failure !== undefined} />,
  });
}
