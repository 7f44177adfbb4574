import { describe, expect, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parse } from 'yaml';

const REPOSITORY = resolve(import.meta.dir, '../..');
const read = (path: string) => readFileSync(join(REPOSITORY, path), 'utf8');
const listed = (folder: string, end: string) =>
  readdirSync(join(REPOSITORY, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(end))
    .map((file) => join(folder, file));

const DOCUMENTS = [
  'README.md',
  'bench/README.md',
  'eks/README.md',
  'test/schemas/README.md',
  ...listed('docs', '.md'),
];

/** What a heading is called in an address, as GitHub has it. */
function anchorsOf(text: string): string[] {
  const prose = text.replaceAll(/^```[\s\S]*?^```/gm, '');
  return [...prose.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function deadLinks(document: string): string[] {
  const text = read(document);
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1]!)
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const [path = '', anchor] = link.split('#');
      const target =
        path === '' ? document : relative(REPOSITORY, resolve(REPOSITORY, dirname(document), path));
      if (!existsSync(join(REPOSITORY, target))) return true;
      return anchor !== undefined && !anchorsOf(read(target)).includes(anchor);
    });
}

describe('the documents', () => {
  test.each(DOCUMENTS)('%s has no dead link', (document) => {
    expect(deadLinks(document)).toEqual([]);
  });

  test('the index of decisions lists each, by its number', () => {
    const index = read('docs/decisions/README.md');
    const decisions = readdirSync(join(REPOSITORY, 'docs/decisions')).filter((file) => /^\d{4}-/.test(file));
    const listed = [...index.matchAll(/\]\((\d{4}-[\w-]+\.md)\)/g)].map(([, file]) => file);
    expect(listed).toEqual(decisions.toSorted());
  });

  test('every alert leads to its section of the runbook', () => {
    const anchors = anchorsOf(read('docs/runbook.md'));
    const alerts = listed('kustomize/monitoring/prometheus/rules', '.yml')
      .flatMap((file) => parse(read(file)).groups)
      .flatMap(({ rules }) => rules)
      .filter(({ alert }) => alert !== undefined);
    expect(alerts.length).toBeGreaterThan(0);
    for (const { alert, annotations } of alerts) {
      expect(annotations.runbook_url).toEndWith(`docs/runbook.md#${alert.toLowerCase()}`);
      expect(anchors).toContain(alert.toLowerCase());
    }
  });
});
