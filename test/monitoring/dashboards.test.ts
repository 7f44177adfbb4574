import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dashboardFiles } from '../../grafana/src/dashboards.ts';
import { ROOT } from '../support/server-process.ts';
import { dashboards, panelExpressions, panelsOf, variableQueries } from './expressions.ts';
import { parsePromql } from './promql.ts';

/** Applying an object writes its text into an annotation, of which Kubernetes takes 256 KiB. */
const MOST_BYTES = 250_000;

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
      expect(datasource?.uid).toBe('prometheus');
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

  test('has no variable that nothing reads, and reads none that is not there', () => {
    const text = JSON.stringify([dashboard.panels, dashboard.templating]);
    const read = new Set(
      [...text.matchAll(/\$(\w+)/g)].map(([, name]) => name!).filter((n) => !n.startsWith('__')),
    );
    expect([...read].sort()).toEqual((dashboard.templating?.list ?? []).map(({ name }) => name).sort());
  });
});

test('every query is PromQL', () => {
  const queries = [...panelExpressions(), ...variableQueries()];
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
