import { describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { below, randomFrom } from '../forest/random.ts';
import { requireTool } from '../support/require-tool.ts';
import { ROOT } from '../support/server-process.ts';
import { alerts, RULES, ruleExpressions, rules } from './expressions.ts';
import { parsePromql } from './promql.ts';
import { promtool, testRules, UNIT_TESTS } from './promtool.ts';

interface UnitTests {
  tests: { alert_rule_test?: { alertname: string; exp_alerts?: unknown[] }[] }[];
}

const unitTestFiles = readdirSync(UNIT_TESTS);

describe('the rules', () => {
  test('are PromQL', () => {
    for (const { expr } of ruleExpressions()) expect(() => parsePromql(expr)).not.toThrow();
  });

  test('record nothing twice, and read no record that is not made', () => {
    const made = rules.flatMap(({ record }) => record ?? []);
    expect(new Set(made).size).toBe(made.length);
    const read = ruleExpressions()
      .flatMap(({ expr }) => parsePromql(expr).selectors.map(({ metric }) => metric))
      .filter((metric) => metric.includes(':'));
    for (const metric of read) expect(made).toContain(metric);
  });

  test('are all applied', () => {
    const applied = readFileSync(join(RULES, '../../kustomization.yaml'), 'utf8');
    for (const file of readdirSync(RULES)) expect(applied).toContain(`- prometheus/rules/${file}`);
  });

  test('say of every alert how urgent it is, what is wrong, and where the runbook speaks of it', () => {
    for (const { alert, labels, annotations } of alerts) {
      expect([alert, labels?.severity]).toEqual([
        alert,
        expect.stringMatching(alert === 'Watchdog' ? /^heartbeat$/ : /^(page|ticket)$/),
      ]);
      expect([alert, annotations?.summary]).toEqual([alert, expect.stringMatching(/\.$/)]);
      expect(annotations?.runbook_url).toBe(
        `{{ $externalLabels.runbook_base }}docs/runbook.md#${alert.toLowerCase()}`,
      );
    }
  });

  test('have a section in the runbook for every alert', () => {
    const runbook = readFileSync(join(ROOT, 'docs/runbook.md'), 'utf8');
    const headings = new Set([...runbook.matchAll(/^#+ (\w+)$/gm)].map(([, heading]) => heading!));
    for (const { alert } of alerts) expect(headings).toContain(alert);
  });

  test('are tested both firing and silent, each alert', () => {
    const seen = { firing: new Set<string>(), silent: new Set<string>() };
    for (const file of unitTestFiles) {
      const { tests } = Bun.YAML.parse(readFileSync(join(UNIT_TESTS, file), 'utf8')) as UnitTests;
      for (const { alertname, exp_alerts } of tests.flatMap((one) => one.alert_rule_test ?? [])) {
        seen[exp_alerts?.length ? 'firing' : 'silent'].add(alertname);
      }
    }
    const names = [...new Set(alerts.map(({ alert }) => alert))].sort();
    expect([...seen.firing].sort()).toEqual(names);
    // It is the one that is never silent.
    expect([...seen.silent].sort()).toEqual(names.filter((name) => name !== 'Watchdog'));
  });
});

describe.skipIf(!requireTool('promtool'))('promtool', () => {
  test.each(unitTestFiles)(
    'test rules %s',
    (file) => {
      expect(promtool('test', 'rules', file)).toEqual({
        ok: true,
        output: expect.stringContaining('SUCCESS'),
      });
    },
    30_000,
  );

  test('is hardly moved by chance alone, where the customary 0.1 is', () => {
    // A day of 200 rows against 1,600 of training, both drawn from the same ten equal bins, for 150 features: of
    // so many, 0.3 pass our threshold on average, and 7 the customary one.
    const [days, training, features, bins] = [200, 1600, 150, 10];
    const random = randomFrom(20_261_123);
    const draw = (rows: number) => {
      const counts = new Array<number>(bins).fill(0);
      for (let row = 0; row < rows; row++) counts[below(random, bins)]++;
      return counts;
    };
    const series: { series: string; values: string }[] = [
      { series: 'savings_reference_rows{namespace="default", version="v"}', values: `${training}x20` },
    ];
    for (let feature = 0; feature < features; feature++) {
      const [live, reference] = [draw(days), draw(training)];
      for (let bin = 0; bin < bins; bin++) {
        const labels = `{namespace="default", version="v", feature="${feature}", bin="${bin}"}`;
        const ratio = reference[bin] / training;
        series.push({ series: `savings_feature_bin_total${labels}`, values: `0 ${live[bin]}x20` });
        series.push({ series: `savings_feature_reference_ratio${labels}`, values: `${ratio}x20` });
      }
    }
    const expected = (expr: string, value: number) => ({
      expr,
      eval_time: '90m',
      exp_samples: [{ labels: '{}', value }],
    });
    const { ok, output } = testRules(
      JSON.stringify({
        rule_files: [join(RULES, 'drift.yml')],
        evaluation_interval: '5m',
        group_eval_order: ['savings-drift', 'savings-drift-alerts'],
        tests: [
          {
            interval: '5m',
            input_series: series,
            promql_expr_test: [
              expected('count(savings:feature_psi:day)', features),
              expected('count(savings:feature_psi:day > 0.1) >= bool 3', 1),
              expected(
                '(count(savings:feature_psi:day > savings:feature_psi:threshold) or vector(0)) <= bool 1',
                1,
              ),
            ],
          },
        ],
      }),
    );
    expect({ ok, output }).toEqual({ ok: true, output: expect.stringContaining('SUCCESS') });
  }, 30_000);

  test('would see an alert that does not fire', () => {
    const given = readFileSync(join(UNIT_TESTS, 'service.test.yml'), 'utf8').replace('../../..', ROOT);
    const changed = given.replace('values: _x12 0x7 1x40', 'values: _x12 1x7 1x40');
    expect(changed).not.toBe(given);
    const { ok, output } = testRules(changed);
    expect(ok).toBe(false);
    expect(output).toContain('SavingsNoReadyPod');
  });
});
