import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { predictCommand } from '../../src/cli/commands/predict.ts';
import { sampleCsv } from '../../src/dataset/synthetic/sample-csv.ts';
import { run, runSavings, runShell, SAVINGS } from '../support/command.ts';
import { testModelDirectory } from '../support/model.ts';

// Real training and real processes take their time on a busy machine.
setDefaultTimeout(60_000);

const models = await testModelDirectory('test-1', 'test-2');
afterAll(() => rm(models, { recursive: true }));

const csv = [...sampleCsv(200, 5)].join('');
const lines = csv.split('\n');

describe('savings predict', () => {
  test('scores what comes on standard input with the model that a server would choose', async () => {
    const { code, stdout, stderr } = await runSavings(['predict', '--model', models], {
      stdin: new Blob([csv]),
    });
    expect([code, stderr]).toEqual([0, '']);
    const scored = stdout.split('\n');
    expect(scored).toHaveLength(202);
    expect(scored[0]).toBe(`${lines[0]},prediction,low,high`);
    for (const [i, line] of scored.slice(1, -1).entries()) {
      expect(line.startsWith(`${lines[i + 1]},`)).toBe(true);
      const [prediction, low, high] = line.split(',').slice(-3).map(Number);
      expect(low <= prediction && prediction <= high).toBe(true);
    }
  });

  test('takes a version by its name, or its folder', async () => {
    const first = await run(predictCommand, ['--model', models, '--version', 'test-1'], { stdin: csv });
    const second = await run(predictCommand, [], { stdin: csv, env: { MODEL_DIR: models } });
    const folder = await run(predictCommand, ['--model', join(models, 'versions', 'test-1')], { stdin: csv });
    expect(folder.stdout).toBe(first.stdout);
    expect(second.stdout).not.toBe(first.stdout);
  });

  test('writes the same with any number of threads', async () => {
    const many = [...sampleCsv(5_000, 8)].join('').replaceAll('\n4', '\nx4');
    const ran = await Promise.all(
      ['1', '2', '4'].map((workers) =>
        run(predictCommand, ['--model', models, '--workers', workers], { stdin: many }),
      ),
    );
    const [{ code, stderr }] = ran;
    expect([code, stderr]).toEqual([1, expect.stringMatching(/bad rows were left out.*\nline /)]);
    expect(ran).toEqual(ran.map(() => ran[0]));
    expect((await run(predictCommand, ['--workers', '0'], { stdin: csv })).stderr).toContain(
      '--workers must be a whole number from 1 to 256.',
    );
  });

  test('keeps good rows, lists bad ones with their lines, and fails', async () => {
    const mixed = [lines[0], lines[1], 'oops', lines[2].replace(/^[^,]*/, '-5'), lines[3], ''].join('\n');
    const { code, stdout, stderr } = await run(predictCommand, ['--model', models], { stdin: mixed });
    expect(code).toBe(1);
    expect(stdout.trim().split('\n')).toHaveLength(3);
    expect(stderr).toBe(
      [
        'savings predict: 2 bad rows were left out, 2 predicted.',
        'line 3: has 1 field where the header has 27',
        'line 4: column Income: please enter at least 1.',
        '',
      ].join('\n'),
    );
  });

  test('ends quietly when its reader has seen enough', async () => {
    const line = `${SAVINGS} generate --rows 300000 | ${SAVINGS} predict --model '${models}' | head -2`;
    const { code, stdout, stderr } = await runShell(line);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.split('\n')).toHaveLength(3);
  });

  test.skipIf(process.platform !== 'linux')('fails where what it writes has no room', async () => {
    const line = `${SAVINGS} generate --rows 3000 | ${SAVINGS} predict --model '${models}' > /dev/full`;
    const { code, stderr } = await runShell(line);
    expect(code).toBe(1);
    expect(stderr).toMatch(/savings predict: Cannot write the result: .*no space left/);
  });

  test.each([
    [['--model', '/nowhere'], csv, 'not find a model: /nowhere holds no version'],
    [['--model', models, '--version', 'other'], csv, 'other'],
    [['--model', models, '--version', 'channel:prod'], csv, 'channels/prod.json'],
    [['--model', models], '', 'Cannot read the CSV: it is empty.'],
    [['--model', models], 'a,b\n1,2\n', 'Cannot read the CSV: its header has no column Income'],
  ])('%p fails and says why', async (args, stdin, told) => {
    const { code, stdout, stderr } = await run(predictCommand, args, { stdin });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(told);
  });

  test('says how it is used, and what is no option', async () => {
    expect((await run(predictCommand, ['--help'])).stdout).toContain('prediction, low, high');
    expect((await run(predictCommand, ['--modle', 'x'])).code).toBe(2);
  });
});
