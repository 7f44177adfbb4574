import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dashboardFiles } from '../../grafana/src/dashboards.ts';
import { ROOT } from '../support/server-process.ts';
import {
  alerts,
  annotationExpressions,
  dashboards,
  panelExpressions,
  panelsOf,
  variableQueries,
} from './expressions.ts';
import { parsePromql } from './promql.ts';

/** Applying an object writes its text into an annotation, of which Kubernetes takes 256 KiB. */
const MOST_BYTES = 250_000;
// biome-ignore lint/suspicious/noTemplateCurlyInString: what the variable chooses
const CHOSEN = '${datasource}';

describe.each([...dashboardFiles()])('grafana/%s', (name, text) => {
  test('is what grafana/src makes; if not: bun run dashboards', () => {
    expect(readFileSync(join(ROOT, 'grafana', name), 'utf8')).toBe(text);
  });

  test('fits into a ConfigMap, and is one of those that are applied', () => {
    expect(text.length).toBeLessThan(MOST_BYTES);
    expect(readFileSync(join(ROOT, 'grafana/kustomization.yaml'), 'utf8')).toContain(`files: [${name}]`);
  });
});

describe.each(dashboards.map((dashboard) => [dashboard.uid!, dashboard] as const))('%s', (_, dashboard) => {
  const panels = panelsOf(dashboard);

  test('says of every panel what it shows, in which unit, and what to make of it', () => {
    for (const { title, description, fieldConfig, datasource } of panels) {
      expect([title, description]).toEqual([title, expect.stringMatching(/^.{25,}\.$/)]);
      expect([title, fieldConfig?.defaults.unit]).toEqual([title, expect.stringMatching(/./)]);
      expect(datasource?.uid).toBe(CHOSEN);
    }
  });

  test('colours every share by a threshold', () => {
    const shares = panels.filter(
      ({ type, fieldConfig }) => type === 'stat' && fieldConfig?.defaults.unit === 'percentunit',
    );
    for (const { title, fieldConfig } of shares) {
      expect([title, fieldConfig?.defaults.thresholds?.steps.length]).toEqual([title, 3]);
    }
  });

  test('shows nothing twice, and no panel over another', () => {
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
    const places = dashboard.panels ?? [];
    expect(new Set(places.map(({ id }) => id)).size).toBe(places.length);
    const taken = new Set<string>();
    for (const { gridPos } of places) {
      for (let x = gridPos!.x; x < gridPos!.x + gridPos!.w; x++) {
        for (let y = gridPos!.y; y < gridPos!.y + gridPos!.h; y++) {
          expect(x).toBeLessThan(24);
          expect(taken.has(`${x},${y}`)).toBe(false);
          taken.add(`${x},${y}`);
        }
      }
    }
  });

  test('asks the Prometheus that is chosen, at first the one that is provisioned', () => {
    const [first] = dashboard.templating!.list!;
    expect(first).toMatchObject({ type: 'datasource', name: 'datasource', query: 'prometheus' });
    const provisioned = readFileSync(join(ROOT, 'kustomize/monitoring/grafana/data-sources.yaml'), 'utf8');
    expect(provisioned).toContain(`uid: ${first!.current?.value}\n`);
    const asked = [...JSON.stringify(dashboard).matchAll(/"uid":"([^"]+)"\}/g)].map(([, uid]) => uid);
    expect(new Set(asked)).toEqual(new Set([CHOSEN]));
  });

  test('marks deployments, changes of the model, and alerts, each by labels that tell which', () => {
    const list = dashboard.annotations!.list!;
    expect(list.map(({ name, enable }) => [name, enable])).toEqual([
      ['Deployments', true],
      ['Model changes', true],
      ['Alerts', true],
    ]);
    for (const annotation of list) {
      const { titleFormat } = annotation as unknown as { titleFormat: string };
      expect(titleFormat).toMatch(/\{\{\w+\}\}/);
    }
  });

  test('has no variable that nothing reads, and reads none that is not there', () => {
    const text = JSON.stringify([dashboard.panels, dashboard.templating, dashboard.annotations]);
    const read = new Set(
      [...text.matchAll(/\$\{?(\w+)/g)].map(([, name]) => name!).filter((n) => !n.startsWith('__')),
    );
    expect([...read].sort()).toEqual((dashboard.templating?.list ?? []).map(({ name }) => name).sort());
  });
});

test('the table of alerts leads from each alert to its section of the runbook', () => {
  const service = dashboards.find(({ uid }) => uid === 'savings-service')!;
  const { fieldConfig } = panelsOf(service).find(({ title }) => title === 'Alerts')!;
  const { properties } = fieldConfig!.overrides.find(({ matcher }) => matcher.options === 'Runbook')!;
  const property = (id: string) => properties.find((one) => one.id === id)!.value;
  const [{ options }] = property('mappings') as [{ options: Record<string, { text: string }> }];
  const anchors = Object.fromEntries(Object.entries(options).map(([name, { text }]) => [name, text]));
  expect(anchors).toEqual(Object.fromEntries(alerts.map(({ alert }) => [alert, alert.toLowerCase()])));
  const [{ url }] = property('links') as [{ url: string }];
  const filled = url
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own
    .replace('${runbook:raw}', 'https://example.org/')
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own
    .replace('${__value.text}', anchors.SavingsNoReadyPod!);
  expect(filled).toBe('https://example.org/docs/runbook.md#savingsnoreadypod');
});

test('every query is PromQL', () => {
  const queries = [...panelExpressions(), ...annotationExpressions(), ...variableQueries()];
  expect(queries.length).toBeGreaterThan(100);
  for (const { expr } of queries) expect(() => parsePromql(expr)).not.toThrow();
  expect(() => parsePromql('sum by (rate(x[5m])')).toThrow('not PromQL');
});

test('nothing is asked of the monitoring system itself by the application’s dashboard', () => {
  const asked = panelExpressions().filter(({ where }) => where.startsWith('savings-resources'));
  for (const { where, expr } of asked) {
    for (const { labels } of parsePromql(expr).selectors) {
      // In some panel the second operand's pod follows from the first's.
      expect([where, labels.includes('namespace') || labels.length === 0]).toEqual([where, true]);
    }
  }
});
