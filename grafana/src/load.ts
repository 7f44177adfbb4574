import { timeseries } from './charts.ts';
import type { Section } from './dashboard.ts';
import { ASKED, HERE, perSecond, RATE } from './series.ts';

const REFUSED = `sum(rate(savings_overload_total{${HERE}}${RATE}))`;
const UNAVAILABLE = `sum(rate(savings_http_requests_total{${ASKED}, status="503"}${RATE}))`;

export const load: Section = {
  title: 'Load',
  panels: [
    timeseries(
      {
        title: 'Refused and failed, by route and status',
        description:
          'Which address gives which error, a second: 4xx are the client’s mistakes, 503 is overload or no model (beside it).',
        unit: 'reqps',
        min: 0,
        stacked: true,
      },
      {
        expr: perSecond('savings_http_requests_total', 'method, route, status', `${ASKED}, status=~"[45].."`),
        legend: '{{status}} {{method}} {{route}}',
      },
    ),
    timeseries(
      {
        title: 'Responses with 503: overload or no model',
        description:
          'By what there was too much of: requests or CSVs under way, or bodies that wait on disk. All other 503 say that no model is live.',
        unit: 'reqps',
        min: 0,
        stacked: true,
      },
      { expr: perSecond('savings_overload_total', 'kind'), legend: 'too many: {{kind}}' },
      { expr: `clamp_min(${UNAVAILABLE} - ${REFUSED}, 0)`, legend: 'no model' },
    ),
    timeseries(
      {
        title: 'Under way, of what may be',
        description:
          'The fullest pod’s requests and CSVs under way, as a share of its limits. At 100 % more are refused with 503.',
        unit: 'percentunit',
        min: 0,
        max: 1,
        thresholds: ['green', [0.8, 'orange'], [1, 'red']],
      },
      {
        expr: `max by (kind) (savings_in_flight{${HERE}} / savings_in_flight_limit{${HERE}})`,
        legend: '{{kind}}',
      },
    ),
    timeseries(
      {
        title: 'Event-loop delay',
        description:
          'The longest that anything waited for the event loop of a pod within the last minute: long computations, or too little CPU.',
        unit: 's',
        min: 0,
      },
      { expr: `max by (pod) (savings_event_loop_delay_max_seconds{${HERE}})`, legend: '{{pod}}' },
    ),
  ],
};
