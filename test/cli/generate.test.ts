import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { generateCommand } from '../../src/cli/commands/generate.ts';
import { sampleCsv } from '../../src/dataset/synthetic/sample-csv.ts';
import { run, runSavings, runShell, SAVINGS } from '../support/command.ts';

// Real training and real processes take their time on a busy machine.
setDefaultTimeout(60_000);

describe('savings generate', () => {
  test('writes the rows that the seed decides', async () => {
    const { code, stdout, stderr } = await runSavings(['generate', '--rows', '1200', '--seed', '9']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toBe([...sampleCsv(1200, 9)].join(''));
  });

  test('writes 20,000 rows where no number is given', async () => {
    const { stdout } = await run(generateCommand, []);
    expect(stdout.split('\n')).toHaveLength(20_002);
  });

  test('ends quietly when its reader has seen enough', async () => {
    const { code, stdout, stderr } = await runShell(`${SAVINGS} generate --rows 100000000 | head -1`);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toStartWith('Income,Age,');
  });

  test.skipIf(process.platform !== 'linux')('fails where what it writes has no room', async () => {
    const { code, stderr } = await runShell(`${SAVINGS} generate --rows 1000 > /dev/full`);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^savings generate: Cannot write the result: .*no space left.*\.\n$/);
  });

  test.each([
    [['--rows', '0'], '--rows must be a whole number from 1'],
    [['--rows', '1.5'], '--rows must be a whole number from 1'],
    [['--seed', '-1'], 'Give --seed a value; write --seed=VALUE where it begins with a dash.'],
    [['--row', '5'], 'Leave out --row: there is no such option.'],
    [['5'], 'Leave out the arguments: this command takes options alone.'],
  ])('%p is wrong use', async (args, told) => {
    const { code, stdout, stderr } = await run(generateCommand, args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(told);
  });

  test('says how it is used', async () => {
    const { code, stdout } = await run(generateCommand, ['--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('--rows N');
  });
});
