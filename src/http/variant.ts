import { randomBytes } from 'node:crypto';
import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { AppError } from '../errors.ts';
import type { Inputs } from '../model/features.ts';
import type { Model } from '../model/model.ts';
import type { Prediction } from '../model/prediction.ts';
import type { Variant } from '../serving/experiment.ts';
import type { Surface } from '../serving/metrics.ts';
import type { Deps } from './deps.ts';
import { requestContextOf } from './request-context.ts';

/** Text of the client's own that stands for whoever it asks for: the same text gets the same model. */
export const SUBJECT_HEADER = 'savings-subject';

const COOKIE = 'savings_subject';
const COOKIE_SECONDS = 90 * 24 * 60 * 60;
const SUBJECT = /^[A-Za-z0-9_-]{16}$/;

type VariantDeps = Pick<Deps, 'live' | 'experiment'>;

/** What a program is told before the first model is there. */
export const NO_MODEL = 'Cannot predict: no model is loaded yet. Try again in a few seconds.';

function orUnavailable<T>(found: T | undefined): T {
  if (found === undefined) throw new AppError('unavailable', NO_MODEL);
  return found;
}

/** The champion. @throws AppError `unavailable` */
export function liveModel({ live }: Pick<Deps, 'live'>): Model {
  return orUnavailable(live.model);
}

/**
 * The model that predicts for a program. To be asked before the body is read: a request that is slow to come ends with
 * the model it began with.
 *
 * @throws AppError `unavailable`
 */
export function apiVariant(c: Context, deps: VariantDeps): Variant {
  const subject = deps.experiment?.splits ? c.req.header(SUBJECT_HEADER) : undefined;
  const variant = orUnavailable(variantOf(deps, subject));
  requestContextOf(c).model = variant.model;
  return variant;
}

/**
 * The model that predicts for a person; undefined while there is none. While an experiment divides people, a first visit
 * gets a cookie with a random number, which says nothing of them and is not kept here. Whoever sends none back with a
 * post refuses cookies, and always gets the champion.
 */
export function pageVariant(c: Context, deps: VariantDeps): Variant | undefined {
  const variant = variantOf(deps, deps.experiment?.splits ? subjectOf(c) : undefined);
  requestContextOf(c).model = variant?.model;
  return variant;
}

function subjectOf(c: Context): string | undefined {
  const known = getCookie(c, COOKIE);
  if (known !== undefined && SUBJECT.test(known)) return known;
  if (c.req.method !== 'GET') return undefined;
  const subject = randomBytes(12).toString('base64url');
  const secure = c.req.header('x-forwarded-proto') === 'https';
  const where = { path: '/', httpOnly: true, sameSite: 'Lax', secure } as const;
  setCookie(c, COOKIE, subject, { ...where, maxAge: COOKIE_SECONDS });
  return subject;
}

function variantOf({ live, experiment }: VariantDeps, subject: string | undefined): Variant | undefined {
  if (experiment) return experiment.variantOf(subject);
  return live.model && { model: live.model, role: 'champion' };
}

/** The variant that serves a version by its name: an address may name either. */
export function variantWithVersion(
  variant: Variant,
  { experiment }: VariantDeps,
  version: string,
): Variant | undefined {
  const challenger: Model | undefined = experiment?.splits ? experiment.challenger.model : undefined;
  if (variant.model.version === version) return variant;
  return challenger?.version === version ? { model: challenger, role: 'challenger' } : undefined;
}

/**
 * Counts predictions that a client settled on, and lets a shadow compare.
 * @param ms time to compute all of the predictions
 */
export function recordPredictions(
  { metrics, experiment }: Pick<Deps, 'metrics' | 'experiment'>,
  variant: Variant,
  surface: Surface,
  inputs: readonly Inputs[],
  predictions: readonly Prediction[],
  ms: number,
): void {
  metrics.predicted(variant.model, variant.role, surface, inputs, predictions, ms);
  experiment?.answered(variant, inputs, predictions);
}
