import { alertTable } from './alerts.ts';
import { stat, timeseries } from './charts.ts';
import type { Section } from './dashboard.ts';
import { ASKED, HERE, percentiles, perSecond, quantile } from './series.ts';

/** The service level objectives, as in rules/slo.yml. */
const AVAILABILITY = 0.999;
const SLOW_SECONDS = 0.25;

/** Multiples of the rate at which an error budget lasts exactly as long as it should. */
const BURN = ['green', [1, 'yellow'], [6, 'orange'], [14.4, 'red']] as const;

export const objectives: Section = {
  title: 'Objectives: 99.9 % of the answers are no errors, 99 % come within 250 ms',
  panels: [
    stat(
      {
        title: 'Answered, last hour',
        description:
          'Share of the requests that were not answered with a server error. The objective is 99.9 %.',
        unit: 'percentunit',
        decimals: 3,
        noValue: 'no requests',
        thresholds: ['red', [0.99, 'orange'], [AVAILABILITY, 'green']],
      },
      { expr: `1 - max(savings:http_errors:ratio_rate1h{${HERE}})` },
    ),
    stat(
      {
        title: 'Answered, last three days',
        description: 'The same over three days: what visitors remember.',
        unit: 'percentunit',
        decimals: 3,
        noValue: 'no requests',
        thresholds: ['red', [0.99, 'orange'], [AVAILABILITY, 'green']],
      },
      { expr: `1 - max(savings:http_errors:ratio_rate3d{${HERE}})` },
    ),
    stat(
      {
        title: 'In time, last hour',
        description: 'Share of the requests answered within 250 ms, without uploads. The objective is 99 %.',
        unit: 'percentunit',
        decimals: 2,
        noValue: 'no requests',
        thresholds: ['red', [0.95, 'orange'], [0.99, 'green']],
      },
      { expr: `1 - max(savings:http_slow:ratio_rate1h{${HERE}})` },
    ),
    timeseries(
      {
        title: 'Burn of the error budget: errors',
        description:
          'How many times faster than sustainable the 0.1 % are being used up. A person is called when both of a pair of windows pass 14.4 (1 h, 5 min) or 6 (6 h, 30 min).',
        unit: 'none',
        min: 0,
        thresholds: BURN,
      },
      ...['5m', '1h', '6h', '3d'].map((window) => ({
        expr: `max(savings:http_errors:ratio_rate${window}{${HERE}}) / 0.001`,
        legend: window,
      })),
    ),
    timeseries(
      {
        title: 'Burn of the error budget: slow answers',
        description: 'The same for the 1 % that may take longer than 250 ms.',
        unit: 'none',
        min: 0,
        thresholds: BURN,
      },
      ...['5m', '1h', '6h', '3d'].map((window) => ({
        expr: `max(savings:http_slow:ratio_rate${window}{${HERE}}) / 0.01`,
        legend: window,
      })),
    ),
    alertTable(),
  ],
};

export const requests: Section = {
  title: 'Requests',
  panels: [
    timeseries(
      {
        title: 'Requests by route',
        description: 'Requests a second, without probes.',
        unit: 'reqps',
        min: 0,
        stacked: true,
      },
      {
        expr: perSecond('savings_http_requests_total', 'method, route', ASKED),
        legend: '{{method}} {{route}}',
      },
    ),
    timeseries(
      {
        title: 'Requests by status',
        description: '4xx are the client’s mistakes, 422 refused inputs; 5xx are ours.',
        unit: 'reqps',
        min: 0,
        stacked: true,
      },
      { expr: perSecond('savings_http_requests_total', 'status'), legend: '{{status}}' },
    ),
    timeseries(
      {
        title: 'Latency',
        description: 'Time to answer, without probes and uploads. The objective: p99 below 250 ms.',
        unit: 's',
        min: 0,
        thresholds: ['green', [SLOW_SECONDS, 'red']],
      },
      ...percentiles(
        'savings_http_request_duration_seconds',
        ASKED.replace('|none', '|/batch|/batch/slice|none'),
      ),
    ),
    timeseries(
      {
        title: 'p95 latency by route',
        description: 'Which route is slow: 19 of 20 answers come faster than this.',
        unit: 's',
        min: 0,
      },
      {
        expr: quantile(0.95, 'savings_http_request_duration_seconds', ASKED, ', route'),
        legend: '{{route}}',
      },
    ),
  ],
};
