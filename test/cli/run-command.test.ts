import { describe, expect, test } from 'bun:test';
import { defineCommand, EXIT, EXIT_HELP, UsageError } from '../../src/cli/command.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { AppError } from '../../src/errors.ts';
import { run } from '../support/command.ts';

/** Writes what it was given. */
const command = defineCommand({
  help: 'Usage: savings test A B\n',
  options: {
    rows: { type: 'string', value: 'N', help: 'how many,\nin all' },
    json: { type: 'boolean', help: 'as JSON' },
  },
  positionals: ['A', 'B'],
  async run(values, positionals, io) {
    io.stdout.write(JSON.stringify([values, positionals]));
    return EXIT.done;
  },
});

describe('runCommand', () => {
  test('gives a command its options and arguments', async () => {
    const { code, stdout } = await run(command, ['a', '--rows', '5', '--json', '--', '-b']);
    expect([code, JSON.parse(stdout)]).toEqual([0, [{ rows: '5', json: true }, ['a', '-b']]]);
    expect((await run(command, ['a', 'b', '--rows=-5'])).stdout).toBe('[{"rows":"-5"},["a","b"]]');
  });

  test.each(['--help', '-h'])('%s prints the help, whatever else is missing', async (help) => {
    expect(await run(command, ['a', help])).toEqual({
      code: 0,
      stdout: `savings test: run by a test

Usage: savings test A B

  --rows N            how many,
                      in all
  --json              as JSON

${EXIT_HELP}
`,
      stderr: '',
    });
  });

  test.each([
    [[], 'Say which A and B.'],
    [['a'], 'Say which A and B.'],
    [['a', 'b', 'c'], 'Say A and B alone, not 3 arguments.'],
    [['a', 'b', '--nope=secret'], 'Leave out --nope: there is no such option.'],
    [['a', 'b', '--toString'], 'Leave out --toString: there is no such option.'],
    [['a', 'b', '-x'], 'Leave out -x: there is no such option.'],
    [['a', 'b', '--json=yes'], 'Write --json without a value.'],
    [['a', 'b', '--rows'], 'Give --rows a value; write --rows=VALUE where it begins with a dash.'],
    [['a', 'b', '--rows', '--json'], 'Give --rows a value; write --rows=VALUE where it begins with a dash.'],
  ])('%p is wrong use', async (args, message) => {
    const stderr = `savings test: ${message}\nSee 'savings test --help'.\n`;
    expect(await run(command, args)).toEqual({ code: 2, stdout: '', stderr });
  });

  test.each([
    [
      'wrong use',
      new UsageError('Say so.'),
      { code: 2, stderr: "savings test: Say so.\nSee 'savings test --help'.\n" },
    ],
    [
      'what was foreseen',
      new AppError('invalid', 'Cannot do it: \u001b[2J.'),
      { code: 1, stderr: 'savings test: Cannot do it: ?[2J.\n' },
    ],
  ])('reports %s', async (_, error, expected) => {
    const failing = defineCommand({ help: '', options: {}, run: () => Promise.reject(error) });
    expect(await run(failing, [])).toMatchObject(expected);
  });

  test('throws a defect', async () => {
    const failing = defineCommand({ help: '', options: {}, run: () => Promise.reject(new TypeError('x')) });
    await expect(run(failing, [])).rejects.toThrow(TypeError);
  });
});

test.each(Object.entries(COMMANDS))('the help of %s fits a terminal', async (name, { load }) => {
  const { stdout } = await run(await load(), ['--help']);
  expect(stdout).toContain(`Usage: savings ${name}`);
  expect(stdout.split('\n').filter((line) => line.length > 120)).toEqual([]);
});
