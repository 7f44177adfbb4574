/** Whether the process is up. */
export const LIVENESS_PATH = '/livez';

/**
 * What an orchestrator asks every few seconds for as long as the server lives: answered however busy the server is, and
 * kept out of the log and of the requests that a shutdown waits for.
 */
export const PROBE_PATHS: ReadonlySet<string> = new Set([
  LIVENESS_PATH,
  '/readyz',
  '/v2/health/live',
  '/v2/health/ready',
]);
