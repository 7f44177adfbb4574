import { beforeAll, describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { OpenApiDocument } from '../../src/http/openapi/document.ts';
import type { Operation } from '../../src/http/openapi/operation.ts';
import { HOUSEHOLD_TEXT, testApp } from '../support/app.ts';

const SEED = Number(process.env.FUZZ_SEED ?? 20_260_101);
const RUNS = Number(process.env.FUZZ_RUNS ?? 150);
/** Stands in what is sent; must stand in nothing that comes back, and in no log line. */
const SECRET = 'q7Zx-secret';
const LEAK = /\bat [\w.<>]+ \(|\/src\/|node_modules|\.tsx?:\d|TypeError|ReferenceError|ZodError/;

let server: Awaited<ReturnType<typeof testApp>>;
let document: OpenApiDocument;
beforeAll(async () => {
  server = await testApp();
  document = await (await server.app.request('/openapi.json')).json();
});

const scalar = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    -1,
    0,
    0.5,
    1e308,
    -1e308,
    2 ** 53,
    1e-320,
    '',
    SECRET,
    '__proto__',
    'constructor',
    '\u0000',
    '\ud800',
  ),
  fc.double(),
  fc.string(),
);
const anything = fc.oneof(
  scalar,
  fc.array(scalar, { maxLength: 4 }),
  fc.jsonValue({ maxDepth: 3 }),
  fc.constant({}),
);

/** Some places of a JSON value changed for anything, left out, doubled, or under another key. */
function mutated(value: unknown, changes: readonly [path: number[], how: number, by: unknown][]): unknown {
  const copy = structuredClone(value);
  for (const [path, how, by] of changes) {
    let parent = copy as Record<string, unknown>;
    let keys = Object.keys(Object(parent));
    for (const step of path) {
      const child = parent?.[keys[step % keys.length] ?? ''];
      if (typeof child !== 'object' || child === null || Object.keys(child).length === 0) break;
      parent = child as Record<string, unknown>;
      keys = Object.keys(parent);
    }
    const key = keys[(path[0] ?? 0) % Math.max(keys.length, 1)];
    if (key === undefined) continue;
    if (how === 0) parent[key] = by;
    else if (how === 1) delete parent[key];
    else if (how === 2) parent[SECRET] = parent[key];
    else if (Array.isArray(parent)) parent.push(by);
    else parent[key] = [parent[key], by];
  }
  return copy;
}

const changes = fc.array(fc.tuple(fc.array(fc.nat(20), { maxLength: 5 }), fc.nat(3), anything), {
  maxLength: 4,
});

async function check(response: Response, operation?: Operation): Promise<void> {
  const text = await response.text().catch((error) => `cut: ${error.message}`);
  expect(response.status).toBeLessThan(500);
  expect(text).not.toMatch(LEAK);
  // The one thing that is meant to come back.
  expect(text.replace(/"id":"(?:[^"\\]|\\.)*"/, '')).not.toContain(SECRET);
  for (const header of [
    'content-security-policy',
    'x-content-type-options',
    'referrer-policy',
    'x-frame-options',
  ]) {
    expect(response.headers.get(header)).toBeTruthy();
  }
  if (operation) {
    const type = response.headers.get('content-type')?.split(';')[0] ?? '';
    const documented = operation.responses[String(response.status)];
    expect(Object.keys(documented?.content ?? {}), `${operation.operationId} ${response.status}`).toContain(
      type,
    );
  }
}

const assert = (property: fc.IAsyncProperty<unknown[]>) => fc.assert(property, { seed: SEED, numRuns: RUNS });

describe(`anything sent to any route (FUZZ_SEED=${SEED})`, () => {
  test('JSON near to the documented is answered as documented', async () => {
    for (const [path, { post }] of Object.entries(document.paths)) {
      const examples = Object.values(post?.requestBody?.content['application/json']?.examples ?? {});
      if (!post || examples.length === 0) continue;
      const url = path.replace('{name}', 'savings').replace('{version}', server.model.version);
      await assert(
        fc.asyncProperty(fc.nat(9), changes, async (which, own) => {
          const body = JSON.stringify(mutated(examples[which % examples.length].value, own));
          const headers = { 'content-type': 'application/json' };
          await check(await server.app.request(url, { method: 'POST', headers, body }), post);
        }) as never,
      );
    }
  }, 60_000);

  test('CSV near to the documented is answered as documented', async () => {
    const { post } = document.paths['/batch'];
    const csv = String(Object.values(post!.requestBody!.content['text/csv'].examples!)[0].value);
    const edit = fc.tuple(
      fc.nat(csv.length),
      fc.nat(5),
      fc.oneof(fc.constantFrom('"', ',', '\n', '\r', '\r\n', '=', '\ufeff', '\0', '-', 'e99'), fc.string()),
    );
    await assert(
      fc.asyncProperty(fc.array(edit, { maxLength: 6 }), async (edits) => {
        let body = csv;
        for (const [at, length, by] of edits) body = body.slice(0, at) + by + body.slice(at + length);
        const headers = { 'content-type': 'text/csv' };
        await check(await server.app.request('/batch', { method: 'POST', headers, body }), post);
      }) as never,
    );
  }, 60_000);

  test('slices of a CSV that begin and end anywhere are answered or refused', async () => {
    const { post } = document.paths['/batch'];
    const csv = String(Object.values(post!.requestBody!.content['text/csv'].examples!)[0].value);
    const place = fc.nat(csv.length + 3);
    await assert(
      fc.asyncProperty(
        fc.record({ at: place, headerFrom: place, headerTo: place, line: fc.nat(9), skipping: fc.boolean() }),
        fc.boolean(),
        place,
        async (position, isLast, end) => {
          const headers = {
            'content-type': 'text/csv',
            'savings-slice': JSON.stringify({ ...position, isLast }),
          };
          const body = csv.slice(position.headerFrom, position.headerTo) + csv.slice(position.at, end);
          await check(await server.app.request('/batch/slice', { method: 'POST', headers, body }));
        },
      ) as never,
    );
  }, 60_000);

  test('bytes of any kind, under any type, at any route and method, are never a failure of ours', async () => {
    const routes = [...new Set(server.app.routes.map(({ path }) => path)), '/nothing', '/assets/../x'];
    const types = [
      'application/json',
      'text/csv',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'a;;',
    ];
    const slice = { at: 0, headerFrom: 0, headerTo: 0, line: 1, skipping: false, isLast: true };
    await assert(
      fc.asyncProperty(
        fc.constantFrom(...routes),
        fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'),
        fc.constantFrom(...types, 'multipart/form-data; boundary=x'),
        fc.uint8Array({ maxLength: 200 }),
        fc.string({ unit: 'grapheme-ascii' }),
        fc.constantFrom({}, ...['gzip', 'deflate', 'br'].map((coding) => ({ 'content-encoding': coding }))),
        async (route, method, type, bytes, parameter, encoding) => {
          const path = route
            .replace(/:\w+/g, () => encodeURIComponent(`${SECRET}${parameter}`))
            .replace('*', 'x');
          const body = method === 'GET' ? {} : { body: new Uint8Array(bytes) };
          const headers = {
            'content-type': type,
            'accept-language': parameter,
            'savings-slice': JSON.stringify(slice),
            ...encoding,
          };
          await check(await server.app.request(path, { method, headers, ...body }));
        },
      ) as never,
    );
  }, 60_000);

  test('forms near to the page own are answered', async () => {
    await assert(
      fc.asyncProperty(
        fc.dictionary(fc.constantFrom(...Object.keys(HOUSEHOLD_TEXT), 'goal', 'keep', 'x'), fc.string()),
        async (own) => {
          await check(await server.postForm({ ...HOUSEHOLD_TEXT, ...own }));
        },
      ) as never,
    );
  }, 60_000);

  test('nothing of it stands in the log, which holds no defect', () => {
    const log = server.lines.join('\n');
    expect(log).not.toContain(SECRET);
    expect(log).not.toContain('"defect"');
  });
});
