/** What an outage looks like to the objectives' alerts, from one request an hour to ten thousand. */
import { describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { requireTool } from '../support/require-tool.ts';
import { RULES } from './expressions.ts';
import { testRules } from './promtool.ts';

const REQUESTS_AN_HOUR = [1, 2, 7, 10, 45, 120, 1_000, 10_000];

/** Minutes. */
const [BEGINS, LASTS, AFTER] = [2 * 60, 7 * 60, 3 * 60];
const ENDS = BEGINS + LASTS;
const PAGE = 'max(ALERTS{severity="page", alertstate="firing"})';

interface Traffic {
  anHour: number;
  /** Whether the nth request fails, or is slow; `minute` is when it comes. */
  fails: (n: number, minute: number) => boolean;
  /** The series of failures begins with the first one, instead of with 0. */
  bornFailing?: boolean;
}

const POD = 'namespace="default", pod="a", method="POST", route="/predict"';

/** Counters by minute. */
function inputSeries({ anHour, fails, bornFailing = false }: Traffic) {
  const [good, bad, all] = [[], [], []] as [number[], number[], number[]];
  let [answered, failed] = [0, 0];
  for (let minute = 0; minute <= ENDS + AFTER; minute++) {
    const due = Math.floor((minute * anHour) / 60);
    for (let n = answered + failed; n < due; n++) fails(n, minute) ? failed++ : answered++;
    good.push(answered);
    bad.push(failed);
    all.push(answered + failed);
  }
  const values = (counts: readonly number[], fromFirst = false) =>
    counts.map((count) => (fromFirst && count === 0 ? '_' : count)).join(' ');
  return {
    errors: [
      { series: `savings_http_requests_total{${POD}, status="200"}`, values: values(good) },
      { series: `savings_http_requests_total{${POD}, status="503"}`, values: values(bad, bornFailing) },
    ],
    slow: [
      { series: `savings_http_requests_total{${POD}, status="200"}`, values: values(all) },
      { series: `savings_http_request_duration_seconds_count{${POD}}`, values: values(all) },
      { series: `savings_http_request_duration_seconds_bucket{${POD}, le="0.25"}`, values: values(good) },
    ],
  };
}

interface Expected {
  at: number;
  expr: string;
  /** Undefined: nothing. */
  value?: number;
}

function judge(series: object[], expected: Expected[]) {
  const promql_expr_test = expected.map(({ at, expr, value }) => ({
    expr,
    eval_time: `${at}m`,
    exp_samples: value === undefined ? [] : [{ labels: '{}', value }],
  }));
  return testRules(
    JSON.stringify({
      rule_files: [join(RULES, 'slo.yml')],
      evaluation_interval: '1m',
      group_eval_order: ['savings-slo-short', 'savings-slo-long', 'savings-slo-alerts'],
      tests: [{ interval: '1m', input_series: series, promql_expr_test }],
    }),
  );
}

const SUCCESS = { ok: true, output: expect.stringContaining('SUCCESS') };

describe.skipIf(!requireTool('promtool'))('with requests an hour', () => {
  describe.each(REQUESTS_AN_HOUR)('%i:', (anHour) => {
    // Five failures, or 1.44 % of an hour; and a minute each for the counters and the rules.
    const pagesAfter = Math.ceil(Math.max((5 * 60) / anHour, 0.0144 * 60)) + 3;

    test.each(['errors', 'slow'] as const)(
      'a total outage (%s) pages after five failures, until it ends',
      (kind) => {
        const outage = { anHour, fails: (_: number, minute: number) => minute > BEGINS && minute <= ENDS };
        // A seventh of an hour that is slow is what burns 14.4 times too fast.
        const begins = BEGINS + (kind === 'slow' ? Math.max(pagesAfter, 0.144 * 60 + 3) : pagesAfter);
        const minutes = Math.floor(ENDS - begins);
        expect(
          judge(inputSeries(outage)[kind], [
            { at: BEGINS, expr: PAGE },
            { at: ENDS, expr: `count_over_time(${PAGE}[${minutes}m:1m]) >= bool ${minutes}`, value: 1 },
            // By then somebody was answered, and that nobody was is no news any more.
            { at: ENDS + 120, expr: PAGE },
            { at: ENDS + AFTER, expr: `count_over_time(${PAGE}[${AFTER - 120}m:1m])` },
          ]),
        ).toEqual(SUCCESS);
      },
      30_000,
    );

    test('four failures in a row page nobody', () => {
      const first = Math.floor((BEGINS * anHour) / 60);
      const { errors } = inputSeries({ anHour, fails: (n) => n >= first && n < first + 4 });
      const pagedMinutes = `count_over_time(${PAGE}[${ENDS}m:1m])`;
      expect(judge(errors, [{ at: ENDS + AFTER, expr: pagedMinutes }])).toEqual(SUCCESS);
    }, 30_000);
  });

  test('10: a series that begins with its first failure hides that one, and no other', () => {
    const outage = { anHour: 10, fails: (_: number, minute: number) => minute > BEGINS, bornFailing: true };
    expect(
      judge(inputSeries(outage).errors, [
        { at: BEGINS + 33, expr: PAGE },
        { at: BEGINS + 39, expr: PAGE, value: 1 },
      ]),
    ).toEqual(SUCCESS);
  });

  test('120: once the failures are over, the page is within half an hour', () => {
    const outage = { anHour: 120, fails: (_: number, minute: number) => minute > BEGINS && minute <= ENDS };
    const quick = 'max(ALERTS{severity="page", alertstate="firing", window="1h"})';
    expect(
      judge(inputSeries(outage).errors, [
        { at: ENDS, expr: quick, value: 1 },
        { at: ENDS + 30, expr: quick },
      ]),
    ).toEqual(SUCCESS);
  });
});
