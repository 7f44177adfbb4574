import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diffCommand } from '../../src/cli/commands/diff.ts';
import { predictCommand } from '../../src/cli/commands/predict.ts';
import { trainCommand } from '../../src/cli/commands/train.ts';
import { run } from '../support/command.ts';
import { testModelDirectory } from '../support/model.ts';
import { OTHER_FORMATS } from '../support/other-formats.ts';

setDefaultTimeout(60_000);

const models = await testModelDirectory('test-1', 'test-2');

describe('a table in another format', () => {
  test.each(OTHER_FORMATS)('%s: predict, train and diff say what it is', async (_, bytes, said) => {
    const directory = await mkdtemp(join(tmpdir(), 'savings-formats-'));
    const path = join(directory, 'data.csv');
    await writeFile(path, bytes);
    const results = [
      await run(predictCommand, ['--model', models], { stdin: bytes }),
      await run(trainCommand, ['--data', path, '--out', join(directory, 'out')]),
      await run(diffCommand, ['test-1', 'test-2', '--store', models, '--data', path]),
    ];
    for (const { code, stdout, stderr } of results) {
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toContain(`Cannot read the CSV: ${said}`);
      expect(stderr).not.toContain('has no column');
    }
    await rm(directory, { recursive: true });
  });
});
