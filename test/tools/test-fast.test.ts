import { afterAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fastTests, startsProcesses } from '../../tools/test-fast.ts';

const ROOT = join(import.meta.dir, '../..');
const folder = mkdtempSync(join(tmpdir(), 'savings-fast-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

describe('test:fast', () => {
  test('leaves out what starts a process or a browser, itself or by what it imports', () => {
    const words = ['child_process', 'Bun', 'playwright'];
    const [node, bun, browser] = [`node:${words[0]}`, `${words[1]}.spawn([])`, `${words[2]}-core`];
    const starters = [`import { spawn } from '${node}';`, bun, `import { chromium } from "${browser}";`];
    for (const [i, text] of starters.entries()) {
      const starter = file(`starter-${i}.ts`, text);
      file(`between-${i}.ts`, `export { x } from './starter-${i}.ts';`);
      const user = file(`user-${i}.ts`, `import { x } from './between-${i}.ts';`);
      expect([startsProcesses(starter), startsProcesses(user)]).toEqual([true, true]);
    }
  });

  test('takes the others, and ends where imports go round in a circle', () => {
    file('a.ts', "import './b.ts';");
    expect(startsProcesses(file('b.ts', "import './a.ts'; import { x } from 'zod';"))).toBe(false);
  });

  test('has tests of every part that can be tested so', () => {
    const folders = new Set(fastTests().map((path) => relative(ROOT, path).split('/')[1]));
    for (const part of ['dataset', 'forest', 'http', 'model', 'serving', 'store', 'training', 'views'])
      expect(folders).toContain(part);
  });
});
