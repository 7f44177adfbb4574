/** The image for arm64, on whatever processor this is: its own file system, with every instruction emulated. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testModel, testModelDirectory } from '../support/model.ts';
import { startServer } from '../support/server-process.ts';
import { engine } from './container.ts';

const IMAGE = process.env.IMAGE_ARM64 ?? '';

describe('the image for arm64', () => {
  let folder: string;
  let root: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'savings-arm64-'));
    root = join(folder, 'root');
    mkdirSync(root);
    const id = engine('create', '--platform', 'linux/arm64', IMAGE);
    engine('export', '--output', join(folder, 'image.tar'), id);
    engine('rm', id);
    spawnSync('tar', ['--extract', '--file', join(folder, 'image.tar'), '--directory', root]);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('is of that architecture', () => {
    expect(engine('image', 'inspect', '--format', '{{.Architecture}}', IMAGE)).toBe('arm64');
  });

  test('has all that its binary needs, and predicts to the last bit what this machine does', async () => {
    const models = await testModelDirectory();
    const server = await startServer({ MODEL_DIR: models }, [
      'qemu-aarch64-static',
      '-L',
      root,
      join(root, 'savings'),
    ]);
    try {
      await server.ready();
      const model = await testModel();
      const inputs = Object.fromEntries(
        model.manifest.features.map((feature) => [feature.name, feature.default]),
      );
      const parsed = model.inputs.parse(inputs);
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
      const answer = await fetch(`${server.url}/api/v1/predict`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ inputs }),
      });
      const { predictions } = await answer.json();
      expect(predictions[0].amount).toBe(model.predict(parsed.inputs).amount);
    } finally {
      server.kill('SIGTERM');
    }
    expect(await server.exited).toBe(0);
    rmSync(models, { recursive: true });
  });
});
