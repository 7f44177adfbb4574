/**
 * The images of rehearsals. There is no registry: what an image would be is said by its digest, or by its name.
 */
const REPOSITORY = 'registry.invalid/savings';
const image = (digest: string) => `${REPOSITORY}@sha256:${digest.padEnd(64, '0')}`;

export const IMAGES = {
  /** Two that do well: this checkout's own program, run by the agent. What differs is the digest alone. */
  good: image('600d1'),
  better: image('600d2'),
  /** Those of kwok's (stages.ts): no process is started. These pods seem to run and be ready; for many at once. */
  seeming: image('5ee1'),
  neverPulled: image('bad1'),
  neverReady: image('bad2'),
  crashing: image('bad3'),
  /** Ready after 8 s. */
  slow: image('bad4'),
};

/** Whose containers the agent runs, by the last part of an image's name; all others' only seem to run. */
export const RUN = ['savings', 'prometheus', 'alertmanager', 'node-exporter', 'kube-state-metrics'];

/** What matches an image that the agent runs and one that kwok has, for jq and for JavaScript. */
export const RUN_PATTERN = `(^|/)(${RUN.join('|')})([:@]|$)`;
export const SEEMING_PATTERN = '@sha256:(5ee|bad)';

export const isRun = (name: string) =>
  new RegExp(RUN_PATTERN).test(name) && !new RegExp(SEEMING_PATTERN).test(name);
