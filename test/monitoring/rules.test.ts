import { describe, expect, test } from 'bun:test';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireTool } from '../support/require-tool.ts';
import { ROOT } from '../support/server-process.ts';
import { alerts, RULES, ruleExpressions, rules } from './expressions.ts';
import { parsePromql } from './promql.ts';

const UNIT_TESTS = join(import.meta.dir, 'rules');

interface UnitTests {
  tests: { alert_rule_test?: { alertname: string; exp_alerts?: unknown[] }[] }[];
}

function promtool(...args: string[]): { ok: boolean; output: string } {
  const { exitCode, stdout, stderr } = Bun.spawnSync(['promtool', ...args], { cwd: UNIT_TESTS });
  return { ok: exitCode === 0, output: `${stdout}${stderr}` };
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
      expect([alert, labels?.severity]).toEqual([alert, expect.stringMatching(/^(page|ticket)$/)]);
      expect([alert, annotations?.summary]).toEqual([alert, expect.stringMatching(/\.$/)]);
      expect(annotations?.runbook).toBe(`docs/runbook.md#${alert.toLowerCase()}`);
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
    expect([...seen.silent].sort()).toEqual(names);
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

  test('would see an alert that does not fire', () => {
    const folder = mkdtempSync(join(tmpdir(), 'savings-rules-'));
    const given = readFileSync(join(UNIT_TESTS, 'service.test.yml'), 'utf8').replace('../../..', ROOT);
    const changed = given.replace('values: 2x10 0x10 1x40', 'values: 2x10 1x10 1x40');
    expect(changed).not.toBe(given);
    writeFileSync(join(folder, 'changed.yml'), changed);
    const { ok, output } = promtool('test', 'rules', join(folder, 'changed.yml'));
    rmSync(folder, { recursive: true });
    expect(ok).toBe(false);
    expect(output).toContain('SavingsNoReadyPod');
  });
});
