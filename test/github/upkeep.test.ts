import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';

const REPOSITORY = resolve(import.meta.dir, '../..');
const TABLE = '.github/support-ends.txt';
const rows = readFileSync(join(REPOSITORY, TABLE), 'utf8')
  .split('\n')
  .filter((line) => line && !line.startsWith('#'))
  .map((line) => line.split('|').map((field) => field.trim()));

/** What the script says of a repository, seen from a day. */
function upkeep(repository: string, today: string) {
  const script = join(repository, '.github/scripts/upkeep.sh');
  const { status, stdout, stderr } = spawnSync(script, [today], { encoding: 'utf8' });
  return { status, said: `${stdout}${stderr}`.trim().split('\n') };
}

describe('upkeep.sh', () => {
  test('is content while every pin has 90 days', () => {
    expect(upkeep(REPOSITORY, '2026-12-27')).toEqual({
      status: 0,
      said: ['every pinned version is looked after for 90 days or more, seen from 2026-12-27'],
    });
  });

  test('names what ends, where it is pinned, and how many days are left', () => {
    const { status, said } = upkeep(REPOSITORY, '2026-12-28');
    expect(status).toBe(1);
    expect(said).toHaveLength(3);
    expect(said[0]).toStartWith(
      "eks/cluster-prod.yaml: 89 days are left, until 2027-03-27: EKS's standard support of Kubernetes 1.35",
    );
  });

  test('still says so when the day is past', () => {
    const { status, said } = upkeep(REPOSITORY, '2027-03-28');
    expect(status).toBe(1);
    expect(said[0]).toStartWith('eks/cluster-prod.yaml: ended on 2027-03-27');
  });

  describe('in a copy', () => {
    let copy: string;
    beforeEach(() => {
      copy = mkdtempSync(join(tmpdir(), 'savings-upkeep-'));
      for (const file of [TABLE, '.github/scripts/upkeep.sh', ...rows.map(([, file]) => file!)])
        cpSync(join(REPOSITORY, file), join(copy, file), { recursive: true });
    });
    afterEach(() => rmSync(copy, { recursive: true }));

    test('asks for the date of a version that was raised', () => {
      const file = join(copy, 'eks/cluster-dev.yaml');
      writeFileSync(file, readFileSync(file, 'utf8').replace('version: "1.35"', 'version: "1.36"'));
      expect(upkeep(copy, '2026-12-01')).toEqual({
        status: 1,
        said: [
          `eks/cluster-dev.yaml does not say 'version: "1.35"' any more: give what it says now a line in ${TABLE}.`,
        ],
      });
    });
  });
});

test("the alert's date and the table's are one", () => {
  const { groups } = parse(
    readFileSync(join(REPOSITORY, 'kustomize/monitoring/prometheus/rules/upkeep.yml'), 'utf8'),
  );
  const [rule] = groups[0].rules;
  const [end] = rows.find(([, file]) => file === 'eks/cluster-prod.yaml')!;
  expect(Number(/(\d{10}) - vector\(time/.exec(rule.expr)![1]) * 1000).toBe(Date.parse(`${end}T00:00:00Z`));
});
