/** Where the keys of a JSON text stand. */
export interface JsonLines {
  /** By path, such as `features.3.min`, the line of the key, or of an array's item; the file's first is 1. */
  lines: ReadonlyMap<string, number>;
  /** Paths of keys that stand twice in one object: JSON.parse takes the last in silence. */
  twice: readonly string[][];
  /** Where the text stops being JSON, or is too deep to be looked at, when it does. */
  brokenAt: number | undefined;
}

interface Container {
  path: string;
  isArray: boolean;
  /** Of an array: how many items have begun. */
  items: number;
  keys: Set<string>;
}

type Wanted = 'value' | 'key' | 'colon' | 'next' | 'nothing';

/** No description is deeper, and paths grow with the depth. */
const DEEPEST = 100;

const TOKEN = /"(?:[^"\\\n]|\\.)*"|[{}[\]:,]|\n|[^\s"{}[\]:,]+|"/g;
const VALUE = /^(?:".*"|-?\d|true$|false$|null$)/s;

/**
 * Finds the line of each key, which no parser of the platform tells. It checks the order of tokens, so that the line of a
 * missing comma or a comma too many can be told; numbers and strings themselves are left to JSON.parse.
 */
export function jsonLines(text: string): JsonLines {
  const lines = new Map<string, number>();
  const twice: string[][] = [];
  const open: Container[] = [];
  let line = 1;
  let lastLine = 1;
  let path = '';
  let wanted: Wanted = 'value';
  let mayClose = false;
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '\n') {
      line++;
      continue;
    }
    const inside = open.at(-1);
    const closes = token === '}' || token === ']';
    if (closes && inside && inside.isArray === (token === ']') && (wanted === 'next' || mayClose)) {
      open.pop();
      wanted = open.length === 0 ? 'nothing' : 'next';
    } else if (wanted === 'key' && inside && VALUE.test(token) && token.startsWith('"')) {
      const key = unquoted(token);
      path = joined(inside.path, key);
      if (inside.keys.has(key)) twice.push(path.split('.'));
      inside.keys.add(key);
      lines.set(path, line);
      wanted = 'colon';
    } else if (wanted === 'colon' && token === ':') {
      wanted = 'value';
    } else if (wanted === 'next' && token === ',') {
      // What is missing after a comma is missed where the comma stands.
      wanted = inside!.isArray ? 'value' : 'key';
    } else if (wanted === 'value' && !closes && token !== ',' && token !== ':') {
      if (inside?.isArray) {
        path = joined(inside.path, String(inside.items++));
        lines.set(path, line);
      }
      if (token === '{' || token === '[') {
        if (open.length === DEEPEST) return { lines, twice, brokenAt: line };
        open.push({ path, isArray: token === '[', items: 0, keys: new Set() });
        wanted = token === '[' ? 'value' : 'key';
        mayClose = true;
        lastLine = line;
        continue;
      }
      if (!VALUE.test(token)) return { lines, twice, brokenAt: line };
      wanted = open.length === 0 ? 'nothing' : 'next';
    } else return { lines, twice, brokenAt: wanted === 'next' || closes ? lastLine : line };
    mayClose = false;
    lastLine = line;
  }
  return { lines, twice, brokenAt: wanted === 'nothing' ? undefined : lastLine };
}

const joined = (path: string, key: string) => (path === '' ? key : `${path}.${key}`);

function unquoted(token: string): string {
  try {
    return JSON.parse(token);
  } catch {
    return token;
  }
}
