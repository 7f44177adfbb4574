import { randomBytes } from 'node:crypto';
import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { AppError } from '../errors.ts';
import type { Inputs } from '../model/features.ts';
import type { Model, Prediction } from '../model/model.ts';
import type { Arm } from '../serving/experiment.ts';
import type { Surface } from '../serving/metrics.ts';
import type { Deps } from './deps.ts';
import { exchangeOf } from './request-context.ts';

/** Text of the client's own that stands for whoever it asks for: the same text gets the same model. */
export const SUBJECT_HEADER = 'savings-subject';

const COOKIE = 'savings_subject';
const COOKIE_SECONDS = 90 * 24 * 60 * 60;
const SUBJECT = /^[A-Za-z0-9_-]{16}$/;

type ArmDeps = Pick<Deps, 'live' | 'experiment'>;

/**
 * The model that answers a program. To be asked before the body is read: a request that is slow to come ends with the
 * model it began with.
 *
 * @throws AppError `unavailable`
 */
export function apiArm(c: Context, deps: ArmDeps): Arm {
  const arm = armOf(deps, deps.experiment?.splits ? c.req.header(SUBJECT_HEADER) : undefined);
  if (arm === undefined)
    throw new AppError('unavailable', 'Cannot predict: no model is loaded yet. Try again in a few seconds.');
  exchangeOf(c).model = arm.model;
  return arm;
}

/**
 * The model that answers a person; undefined while there is none. While an experiment divides people, a first visit
 * gets a cookie with a random number, which says nothing of them and is not kept here. Who sends none back to a post
 * refuses cookies: theirs is the champion, every time.
 */
export function pageArm(c: Context, deps: ArmDeps): Arm | undefined {
  const arm = armOf(deps, deps.experiment?.splits ? subjectOf(c) : undefined);
  exchangeOf(c).model = arm?.model;
  return arm;
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

function armOf({ live, experiment }: ArmDeps, subject: string | undefined): Arm | undefined {
  if (experiment) return experiment.armOf(subject);
  return live.model && { model: live.model, role: 'champion' };
}

/** The arm that serves a version by its name: an address may name either. */
export function armWithVersion(arm: Arm, { experiment }: ArmDeps, version: string): Arm | undefined {
  const challenger: Model | undefined = experiment?.splits ? experiment.challenger.model : undefined;
  if (arm.model.version === version) return arm;
  return challenger?.version === version ? { model: challenger, role: 'challenger' } : undefined;
}

/**
 * Counts what a client settled on, and lets a shadow compare.
 * @param ms time to compute all of the predictions
 */
export function countAnswers(
  { metrics, experiment }: Pick<Deps, 'metrics' | 'experiment'>,
  arm: Arm,
  surface: Surface,
  inputs: readonly Inputs[],
  predictions: readonly Prediction[],
  ms: number,
): void {
  metrics.predicted(arm.model, arm.role, surface, inputs, predictions, ms);
  experiment?.answered(arm, inputs, predictions);
}
