import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promoteCommand } from '../../src/cli/commands/promote.ts';
import { run, runShell, SAVINGS } from '../support/command.ts';
import { HOUSEHOLD } from '../support/household.ts';
import { testModel, testModelDirectory } from '../support/model.ts';
import { hasOnnxruntime } from '../support/onnxruntime.ts';
import { PYTHON } from '../support/python.ts';
import { ROOT } from '../support/server-process.ts';

setDefaultTimeout(60_000);

const guide = readFileSync(join(ROOT, 'docs/onnx.md'), 'utf8');
const blocks = (language: string) =>
  [...guide.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, text]) => text!);

describe.skipIf(!hasOnnxruntime())('docs/onnx.md', () => {
  test('leads from a channel to predictions in Python, by its own command and module', async () => {
    const store = await testModelDirectory('test-1');
    const home = await mkdtemp(join(tmpdir(), 'savings-onnx-guide-'));
    try {
      const waived = ['--reason', 'x', '--no-gate', 'a test'];
      const promoted = await run(promoteCommand, [
        'test-1',
        '--channel',
        'prod',
        ...waived,
        '--store',
        store,
      ]);
      expect(promoted.code).toBe(0);
      const [[command, ...commands], [module, ...modules]] = [blocks('sh'), blocks('python')];
      expect([...commands, ...modules]).toEqual([]);
      await writeFile(join(home, 'score.py'), module!);
      // A household, and three that the API would refuse.
      const rows: Record<string, number | null>[] = [
        HOUSEHOLD,
        { ...HOUSEHOLD, income: null },
        { ...HOUSEHOLD, age: 40.5 },
        { ...HOUSEHOLD, rent: -1 },
      ];
      const columns = Object.fromEntries(
        Object.keys(HOUSEHOLD).map((name) => [name, rows.map((row) => row[name])]),
      );
      const asked = `import json, score
answers = score.predict(json.loads('${JSON.stringify(columns)}'))
print(json.dumps({name: [float(value) for value in given] for name, given in answers.items()}).replace("NaN", "null"))`;
      await writeFile(join(home, 'ask.py'), asked);
      const { code, stdout, stderr } = await runShell(
        `cd '${home}' && export MODEL_DIR='${store}' && savings() { ${SAVINGS} "$@"; } && ${command!.trim()} >/dev/null && ` +
          `'${PYTHON}' score.py && '${PYTHON}' ask.py`,
      );
      expect([code, stderr]).toEqual([0, '']);
      const [replayed, answers] = stdout.trim().split('\n');
      expect(replayed).toMatch(/^\d+ rows are as they should be$/);
      const { amount, interval } = (await testModel()).predict(HOUSEHOLD);
      const wanted = { prediction: amount, low: interval.low, high: interval.high };
      for (const [name, value] of Object.entries(wanted)) {
        const [first, ...others] = JSON.parse(answers!)[name];
        expect(first).toBeCloseTo(value, 8);
        expect(others).toEqual([null, null, null]);
      }
    } finally {
      await Promise.all([store, home].map((path) => rm(path, { recursive: true })));
    }
  });

  test('is named by README.md', () => {
    expect(readFileSync(join(ROOT, 'README.md'), 'utf8')).toContain('](docs/onnx.md)');
  });
});
