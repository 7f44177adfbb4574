import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireTool } from '../support/require-tool.ts';
import { csvRows } from '../support/csv-rows.ts';
import { ROOT, startServer } from '../support/server-process.ts';

// Real training takes its time on a busy machine.
setDefaultTimeout(120_000);

const guide = readFileSync(join(ROOT, 'docs/your-own-data.md'), 'utf8');
const blocks = [...guide.matchAll(/^```(sh|json)\n(.*?)^```$/gms)].map(([, language, text]) => ({
  language,
  text: text!,
}));
const home = mkdtempSync(join(tmpdir(), 'savings-guide-'));
const folder = join(home, 'household');
afterAll(() => rmSync(home, { recursive: true }));

/** Runs lines as the guide's reader does, one after the other until one fails. */
async function bash(script: string): Promise<string> {
  const child = Bun.spawn(['bash', '-euo', 'pipefail'], {
    cwd: ROOT,
    env: { ...process.env, HOME: home },
    stdin: new Blob([script]),
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
}

describe.skipIf(!requireTool('curl'))('docs/your-own-data.md', () => {
  test('leads from a CSV to a page by its own commands, one after the other', async () => {
    const served = blocks.findIndex(({ text }) => text === 'savings serve\n');
    const before = blocks.slice(0, served);
    const draft = join(folder, 'draft.json');
    // The reader's edit of the draft, which is kept to compare.
    const script = before.map(({ language, text }) =>
      language === 'sh'
        ? text
        : `cp survey.model.json '${draft}'\ncat > survey.model.json <<'END'\n${text}END\n`,
    );
    const stdout = await bash(script.join('\n'));
    expect(stdout).toContain('survey.model.json fits survey.csv: 2,000 rows, 6 inputs');
    expect(stdout).toMatch(/mean absolute error [\d,]+ \S+\/month, R2 0\.[89]/);

    const decided = (text: string) => {
      const { features, target } = JSON.parse(text);
      return [
        target.column,
        features.map(({ name, column, role }: Record<string, string>) => [name, column, role]),
      ];
    };
    const [drafted, written] = [
      readFileSync(draft, 'utf8'),
      before.find(({ language }) => language === 'json')!.text,
    ];
    expect(decided(written)).toEqual(decided(drafted));

    const server = await startServer({ MODEL_DIR: join(folder, 'models') });
    try {
      await server.ready();
      const page = await (await fetch(server.url)).text();
      expect(page).toContain('Transport');
      expect(page).toContain('KES');
      const after = blocks.slice(served + 1).map(({ text }) => text);
      const host = new URL(server.url).host;
      const curls = after
        .join('\n')
        .replaceAll('localhost:8080', host)
        .replaceAll('curl -s', 'curl -sS --fail');
      const said = JSON.parse(await bash(`cd '${folder}'\n${curls}`));
      expect(said).toMatchObject({ currency: 'KES', period: 'month', predictions: [{ income: 60_000 }] });
      const predicted = csvRows(readFileSync(join(folder, 'predicted.csv'), 'utf8'));
      expect(predicted).toHaveLength(2_000);
      expect(predicted.filter(({ error }) => error !== '')).toEqual([]);
    } finally {
      server.kill('SIGKILL');
      await server.exited;
    }
  });

  test('is named on the first screen of README.md', () => {
    const screen = readFileSync(join(ROOT, 'README.md'), 'utf8').split('\n').slice(0, 25).join('\n');
    expect(screen).toContain('](docs/your-own-data.md)');
  });
});
