import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Model } from '../src/model/model.ts';
import { HOUSEHOLD } from './support/app.ts';
import { testModel, testModelDirectory } from './support/model.ts';
import { PYTHON, requirePython } from './support/python.ts';
import { requireTool } from './support/require-tool.ts';
import { ROOT, type ServerProcess, startServer } from './support/server-process.ts';

/** Programs of the documentation, by language, in their order. */
const programs = (file: string, language: string) =>
  [
    ...readFileSync(join(ROOT, file), 'utf8').matchAll(
      new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'),
    ),
  ].map((match) => match[1]!);

let server: ServerProcess;
let model: Model;
// In the project, so that the TypeScript program finds hono and the server's types.
mkdirSync(join(ROOT, 'node_modules/.cache'), { recursive: true });
const folder = mkdtempSync(join(ROOT, 'node_modules/.cache/clients-'));
beforeAll(async () => {
  model = await testModel();
  server = await startServer({ MODEL_DIR: await testModelDirectory() });
  await server.ready();
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  server.kill('SIGKILL');
  await server.exited;
});

async function run(program: string, args: string[]): Promise<string> {
  const child = spawn(program, args, { cwd: tmpdir(), stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, errors] = ['', ''];
  child.stdout.on('data', (data) => {
    out += data;
  });
  child.stderr.on('data', (data) => {
    errors += data;
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`${program} exited with ${code}:\n${out}${errors}`);
  return out.trim();
}

function written(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const hasPackages = (packages: string) =>
  requirePython(
    packages,
    `pip install requests 'tritonclient[http]' (the Python clients of docs/clients.md)`,
  );

describe('docs/clients.md', () => {
  test('the TypeScript program runs, and its types are right', async () => {
    const [program] = programs('docs/clients.md', 'ts');
    const text = program!.replace("'../src/", "'../../../src/");
    const path = written('client.ts', text);
    const { amount } = model.predict(model.inputs.defaults());
    expect(await run(process.execPath, [path, server.url])).toBe(`${amount.toFixed(2)} INR`);
    const config = written(
      'tsconfig.json',
      JSON.stringify({
        extends: '../../../tsconfig.json',
        include: ['client.ts', '../../../src/text-imports.d.ts'],
      }),
    );
    await run(join(ROOT, 'node_modules/.bin/tsc'), ['--noEmit', '-p', config]);
  }, 60_000);

  test.skipIf(!hasPackages('requests'))(
    'the program with requests runs, and the CSV one after it',
    async () => {
      const [first, csv] = programs('docs/clients.md', 'python');
      const { amount } = model.predict(model.inputs.defaults());
      const header = model.manifest.features.map(({ column }) => column).join(',');
      const row = Object.values(HOUSEHOLD).join(',');
      const source = written('households.csv', `${header}\n${row}\n`);
      const target = join(folder, 'predicted.csv');
      const names = `source, target = ${JSON.stringify(source)}, ${JSON.stringify(target)}\n`;
      expect(await run(PYTHON, [written('a.py', `${first}\n${names}${csv}`), server.url])).toBe(
        `${amount.toFixed(2)} INR`,
      );
      const out = readFileSync(target, 'utf8').split('\n');
      expect(out[0]).toBe(`${header},prediction,low,high,error`);
      expect(out[1]).toStartWith(`${row},${model.predict(HOUSEHOLD).amount.toFixed(2)},`);
    },
  );

  test.skipIf(!hasPackages('numpy, tritonclient.http'))('the program with a V2 client runs', async () => {
    const program = programs('docs/clients.md', 'python')[2]!;
    const { amount } = model.predict(HOUSEHOLD);
    expect(await run(PYTHON, [written('b.py', program), server.url])).toBe(amount.toFixed(2));
    for (const algorithm of ['gzip', 'deflate']) {
      const compressed = program.replace(
        '[inputs])',
        `[inputs], request_compression_algorithm="${algorithm}", response_compression_algorithm="${algorithm}")`,
      );
      expect(compressed).not.toBe(program);
      expect(await run(PYTHON, [written('c.py', compressed), server.url])).toBe(amount.toFixed(2));
    }
  });
});

describe('README.md', () => {
  test.skipIf(!requireTool('curl'))('its curl commands are answered', async () => {
    const commands = programs('README.md', 'sh').filter((text) => text.startsWith('curl '));
    expect(commands.length).toBeGreaterThanOrEqual(2);
    const header = model.manifest.features.map(({ column }) => column).join(',');
    writeFileSync(join(folder, 'households.csv'), `${header}\n${Object.values(HOUSEHOLD).join(',')}\n`);
    const { amount } = model.predict(HOUSEHOLD);
    for (const command of commands) {
      const local = command.replaceAll('localhost:8080', new URL(server.url).host);
      const out = await run('sh', ['-c', `cd '${folder}' && ${local.replace('curl -s', 'curl -sS --fail')}`]);
      const answer =
        out + (command.includes('predicted.csv') ? readFileSync(join(folder, 'predicted.csv'), 'utf8') : '');
      expect(answer).toContain(command.includes('csv') ? amount.toFixed(2) : String(amount));
    }
  });
});
