import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dashboard, Panel, RowPanel, VariableModel } from '@grafana/schema';
import { ROOT } from '../support/server-process.ts';

/** Something that is asked of Prometheus, and where it is written. */
export interface Expression {
  where: string;
  expr: string;
}

export interface Rule {
  record?: string;
  alert?: string;
  expr: string;
  for?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

const GRAFANA = join(ROOT, 'grafana');
export const RULES = join(ROOT, 'kustomize/monitoring/prometheus/rules');

/** The committed dashboards. */
export const dashboards: readonly Dashboard[] = readdirSync(GRAFANA)
  .filter((file) => file.endsWith('.json'))
  .map((file) => JSON.parse(readFileSync(join(GRAFANA, file), 'utf8')));

/** The committed rules of every file. */
export const rules: readonly Rule[] = readdirSync(RULES).flatMap((file) => {
  const { groups } = Bun.YAML.parse(readFileSync(join(RULES, file), 'utf8')) as {
    groups: { rules: Rule[] }[];
  };
  return groups.flatMap((group) => group.rules);
});

export const alerts = rules.filter((rule) => rule.alert !== undefined) as (Rule & { alert: string })[];

/** A dashboard's panels, without the headings. */
export function panelsOf(dashboard: Dashboard): Panel[] {
  return (dashboard.panels ?? []).filter((panel): panel is Panel => !isHeading(panel));
}

function isHeading(panel: Panel | RowPanel): panel is RowPanel {
  return panel.type === 'row';
}

/**
 * Every query of every panel, with Grafana's own variables filled in as for a look at everything.
 *
 * @param rateInterval what rates are over: at least four scrapes
 */
export function panelExpressions(rateInterval = '1m'): Expression[] {
  return dashboards.flatMap((dashboard) =>
    panelsOf(dashboard).flatMap((panel) =>
      (panel.targets ?? []).map(({ refId, expr }) => ({
        where: `${dashboard.uid} / ${panel.title} / ${refId}`,
        expr: interpolate(dashboard, String(expr), rateInterval),
      })),
    ),
  );
}

/** What each annotation of each dashboard marks. */
export function annotationExpressions(): Expression[] {
  return dashboards.flatMap((dashboard) =>
    (dashboard.annotations?.list ?? []).map(({ name, target }) => ({
      where: `${dashboard.uid} / annotations / ${name}`,
      expr: interpolate(dashboard, (target as unknown as { expr: string }).expr),
    })),
  );
}

/** What each variable of each dashboard asks for: a selector and the label whose values are offered. */
export function variableQueries(): (Expression & { label: string })[] {
  return dashboards.flatMap((dashboard) =>
    (dashboard.templating?.list ?? []).filter(isQuery).map(({ name, query }) => {
      const text = (query as { query: string }).query;
      const [, expr, label] = /^label_values\((.+), (\w+)\)$/.exec(text) ?? [];
      if (expr === undefined || label === undefined) throw new Error(`${name} is not label_values: ${text}`);
      return { where: `${dashboard.uid} / $${name}`, expr: interpolate(dashboard, expr), label };
    }),
  );
}

const isQuery = ({ type }: VariableModel) => type === 'query';

export function ruleExpressions(): Expression[] {
  return rules.map(({ record, alert, expr }) => ({ where: `rule ${record ?? alert}`, expr }));
}

/** As Grafana does when everything is chosen. */
function interpolate({ templating }: Dashboard, expr: string, rateInterval = '1m'): string {
  const all = new Map((templating?.list ?? []).map(({ name, allValue }) => [name, allValue]));
  return expr
    .replaceAll('$__rate_interval', rateInterval)
    .replaceAll('$__range', '1h')
    .replaceAll(/\$(\w+)/g, (_, name: string) => {
      const value = all.get(name);
      if (value === undefined) throw new Error(`there is no variable $${name} for ${expr}`);
      return value;
    });
}
