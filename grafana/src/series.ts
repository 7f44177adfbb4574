/** What several dashboards ask of the application's series. */
export const HERE = 'namespace=~"$namespace"';
/** Wide enough for four scrapes, whatever the zoom. */
export const RATE = '[$__rate_interval]';

/** What people and programs ask for: not probes, and not addresses that do not exist (rules/slo.yml has the same). */
export const ASKED = `${HERE}, route!~"/livez|/readyz|/v2/.+/(live|ready)|none"`;

/** A counter's events a second, added up but for the labels named. */
export const perSecond = (metric: string, by: string, matchers = HERE) =>
  `sum by (${by}) (rate(${metric}{${matchers}}${RATE}))`;

/** @param by further labels to keep, each after a comma */
export const quantile = (q: number, histogram: string, matchers = HERE, by = '') =>
  `histogram_quantile(${q}, sum by (le${by}) (rate(${histogram}_bucket{${matchers}}${RATE})))`;

/** The median and the tail of a histogram. */
export const percentiles = (histogram: string, matchers = HERE) =>
  [0.5, 0.95, 0.99].map((q) => ({ expr: quantile(q, histogram, matchers), legend: `p${q * 100}` }));
