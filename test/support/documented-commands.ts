import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const REPOSITORY = join(import.meta.dir, '../..');

/**
 * Every line of a document's shell blocks, with continued ones as one.
 *
 * @param section the heading of the only section that is read, as it stands in the document
 */
export function commandsOf(document: string, section?: string): string[] {
  const text = readFileSync(join(REPOSITORY, document), 'utf8');
  const read = section === undefined ? text : sectionOf(text, section);
  return [...read.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block]) =>
    block!
      .replaceAll(/\\\n\s*/g, '')
      .split('\n')
      .filter(Boolean),
  );
}

function sectionOf(text: string, heading: string): string {
  const begin = text.indexOf(`\n${heading}\n`);
  if (begin < 0) throw new Error(`there is no section '${heading}'`);
  const [level = ''] = /^#+/.exec(heading) ?? [];
  const end = text.indexOf(`\n${level} `, begin + 1);
  return text.slice(begin, end < 0 ? undefined : end);
}
