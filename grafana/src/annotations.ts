import type { AnnotationQuery, DataQuery } from '@grafana/schema';
import { DATASOURCE } from './panel.ts';

interface PrometheusQuery extends DataQuery {
  expr: string;
  /** The step between two looks, at least. */
  interval: string;
}

/** What Grafana's Prometheus takes beside what every annotation has; the labels of a series fill the texts in. */
interface PrometheusAnnotation extends AnnotationQuery<PrometheusQuery> {
  titleFormat: string;
  textFormat: string;
}

interface Mark {
  name: string;
  color: string;
  /** Marked while it gives something. */
  expr: string;
  title: string;
  text: string;
}

/** How long a change is marked, so that no step of a long range misses it. */
const MARKED = '5m';

/** Something is there that was not there before: `labels` tell one from another. */
const appeared = (labels: string, series: string) =>
  `count by (${labels}) (${series}) unless count by (${labels}) (${series} offset ${MARKED})`;

/** @param namespace whether the dashboard has the variable */
export function annotations(namespace: boolean): PrometheusAnnotation[] {
  const here = namespace ? '{namespace=~"$namespace"}' : '';
  // What is wrong with a node, or with the monitoring itself, has no namespace, and concerns each.
  const concerned = namespace ? ', namespace=~"$namespace|"' : '';
  const marks: Mark[] = [
    {
      name: 'Deployments',
      color: 'blue',
      expr: appeared('namespace, version, revision', `savings_build_info${here}`),
      title: '{{namespace}}: program {{version}}',
      text: '{{revision}}',
    },
    {
      name: 'Model changes',
      color: 'purple',
      expr: appeared('namespace, role, name, version, sha256', `savings_model_info${here}`),
      title: '{{namespace}}: {{role}} {{name}} {{version}}',
      text: '{{sha256}}',
    },
    {
      name: 'Alerts',
      color: 'red',
      expr: `ALERTS{alertstate="firing", severity=~"page|ticket"${concerned}}`,
      title: '{{alertname}} ({{severity}})',
      text: '{{namespace}} {{pod}} {{feature}}',
    },
  ];
  return marks.map(({ name, color, expr, title, text }) => ({
    name,
    datasource: DATASOURCE,
    enable: true,
    hide: false,
    iconColor: color,
    target: { refId: name.replace(' ', ''), expr, interval: '1m' },
    titleFormat: title,
    textFormat: text,
  }));
}
