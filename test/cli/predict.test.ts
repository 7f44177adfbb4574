import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { predictCommand } from '../../src/cli/commands/predict.ts';
import { sampleCsv } from '../../src/dataset/synthetic/sample-csv.ts';
import { run, runSavings, runShell, SAVINGS } from '../support/command.ts';
import { hasPyarrow, writtenByPyarrow } from '../dataset/parquet/peers.ts';
import { testModelDirectory } from '../support/model.ts';
import { requireTool } from '../support/require-tool.ts';
import { RUNTIMES } from '../support/server-process.ts';

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

  describe('FILE --out FILE', () => {
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'savings-predict-'));
      await writeFile(join(folder, 'rows.csv'), csv);
      await writeFile(join(folder, 'rows.csv.gz'), gzipSync(csv));
      await writeFile(join(folder, 'cut.csv.gz'), gzipSync(csv).subarray(0, -1));
    });
    afterAll(() => rm(folder, { recursive: true }));

    test.each(['bun', 'deno'])('reads and writes CSV and CSV.gz by extension, on %s', async (runtime) => {
      if (runtime === 'deno' && !requireTool('deno')) return;
      const [program, ...words] = RUNTIMES[runtime]!;
      const { stdout: wanted } = await run(predictCommand, ['--model', models], { stdin: csv });
      for (const [from, to] of [
        ['rows.csv', 'out.csv'],
        ['rows.csv.gz', 'out.csv'],
        ['rows.csv', 'out.csv.gz'],
        ['rows.csv.gz', 'out.CSV.gz'],
      ] as const) {
        const args = ['predict', join(folder, from), '--out', join(folder, to), '--model', models];
        const child = Bun.spawn([program!, ...words, ...args], { stdout: 'pipe', stderr: 'pipe' });
        expect([await new Response(child.stderr).text(), await child.exited]).toEqual(['', 0]);
        const bytes = await readFile(join(folder, to));
        expect((to.endsWith('gz') ? gunzipSync(bytes) : bytes).toString()).toBe(wanted);
      }
    });

    test('leaves what is there as it was when it fails', async () => {
      const out = join(folder, 'kept.csv');
      await writeFile(out, 'before');
      const args = [join(folder, 'cut.csv.gz'), '--out', out, '--model', models];
      const { code, stderr } = await run(predictCommand, args);
      expect(code).toBe(1);
      expect(stderr).toContain('cut.csv.gz: its end is missing');
      expect(await readFile(out, 'utf8')).toBe('before');
      expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([]);
    });

    test.each([
      [['rows.csv', 'rows.parquet'], 'Write a CSV, or read Parquet'],
      [['rows.csv', 'rows.xlsx'], '--out must end with .csv, .csv.gz or .parquet.'],
    ])('%p is wrong use', async ([from, to], told) => {
      const args = [join(folder, from!), '--out', join(folder, to!), '--model', models];
      const { code, stderr } = await run(predictCommand, args);
      expect(code).toBe(2);
      expect(stderr).toContain(told);
    });

    test.skipIf(!hasPyarrow)('reads Parquet, and writes it or a CSV', async () => {
      const parquet = await writtenByPyarrow();
      const from = join(parquet, 'bad-rows.parquet');
      const paths = [join(folder, 'a.parquet'), join(folder, 'a.csv')];
      const [first, second] = await Promise.all(
        paths.map((to) => run(predictCommand, [from, '--out', to, '--model', models])),
      );
      expect([first!.code, second!.code]).toEqual([1, 1]);
      expect(first!.stderr).toStartWith(
        `savings predict: 4 bad rows without predictions, 296 predicted.\nrow 2: column Income: `,
      );
      expect(second!.stderr).toStartWith(
        'savings predict: 4 bad rows were left out, 296 predicted.\nline 3: ',
      );
      expect((await readFile(paths[1]!, 'utf8')).trimEnd().split('\n')).toHaveLength(297);
      if (!requireTool('deno')) return;
      const deno = [
        ...RUNTIMES.deno!,
        'predict',
        from,
        '--out',
        join(folder, 'b.parquet'),
        '--model',
        models,
      ];
      expect(await Bun.spawn(deno, { stderr: 'ignore' }).exited).toBe(1);
      expect(await readFile(join(folder, 'b.parquet'))).toEqual(await readFile(paths[0]!));
    });
  });

  test('says how it is used, and what is no option', async () => {
    expect((await run(predictCommand, ['--help'])).stdout).toContain('prediction, low, high');
    expect((await run(predictCommand, ['--modle', 'x'])).code).toBe(2);
  });
});
