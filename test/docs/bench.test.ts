import { expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';

const folder = `${import.meta.dir}/../../bench`;

test("bench's README says what each peer in Python is", () => {
  const readme = readFileSync(`${folder}/README.md`, 'utf8');
  const scripts = readdirSync(folder).filter((file) => file.endsWith('.py'));
  expect(scripts.length).toBeGreaterThan(0);
  expect(scripts.filter((script) => !readme.includes(`\`${script}\``))).toEqual([]);
});
