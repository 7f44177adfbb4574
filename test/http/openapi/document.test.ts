import { beforeAll, describe, expect, test } from 'bun:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import Ajv from 'ajv/dist/2020';
import type { OpenApiDocument } from '../../../src/http/openapi/document.ts';
import type { Content, Operation } from '../../../src/http/openapi/operation.ts';
import { HOUSEHOLD, testApp } from '../../support/app.ts';

let server: Awaited<ReturnType<typeof testApp>>;
let document: OpenApiDocument;
/** Checks a value against a schema of the document. */
let check: (schema: object, value: unknown) => string[];

beforeAll(async () => {
  server = await testApp({ maxBodyBytes: 1_048_576 });
  document = await (await server.app.request('/openapi.json')).json();
  const ajv = new Ajv({ strict: false, formats: { 'date-time': true } });
  ajv.addSchema(document, 'openapi');
  check = (schema, value) => {
    const resolved = JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#', '"$ref":"openapi#'));
    return ajv.validate(resolved, value)
      ? []
      : (ajv.errors ?? []).map((e) => `${e.instancePath} ${e.message}`);
  };
});

interface Documented {
  path: string;
  method: string;
  operation: Operation;
}

const operations = (): Documented[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );

const filled = ({ path, operation }: Documented) =>
  path.replace(
    /\{(\w+)\}/g,
    (_, name) => operation.parameters?.find((parameter) => parameter.name === name)?.example ?? '',
  );

async function ask(documented: Documented, mediaType?: string, body?: unknown): Promise<Response> {
  const isText = typeof body === 'string';
  return await server.app.request(filled(documented), {
    method: documented.method.toUpperCase(),
    ...(mediaType !== undefined && {
      headers: { 'content-type': mediaType, ...(isText && { 'content-length': String(body.length) }) },
      body: isText ? body : JSON.stringify(body),
    }),
  });
}

/** The documented content of a response; fails when there is none. */
async function documentedContent({ operation }: Documented, response: Response): Promise<Content[string]> {
  const type = response.headers.get('content-type')?.split(';')[0] ?? '';
  const content = operation.responses[String(response.status)]?.content?.[type];
  expect(content, `${operation.operationId}: ${response.status} ${type} is documented`).toBeDefined();
  return content!;
}

describe('GET /openapi.json', () => {
  test('is valid OpenAPI 3.1 by the public schema', async () => {
    const result = await new Validator().validate({ ...structuredClone(document) });
    expect(result.errors ?? []).toEqual([]);
    expect(result.valid).toBeTrue();
  });

  test('names every route that programs use, and no other', () => {
    const programs = server.app.routes
      .filter(({ path }) => /^\/(api|v2|openapi|livez|readyz|batch)/.test(path))
      .filter(({ method, path }) => !(method === 'GET' && path.startsWith('/batch')))
      // Between the batch page's script and its server alone; programs have POST /batch.
      .filter(({ path }) => path !== '/batch/slice')
      .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
    const documented = operations().map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    expect(documented.toSorted()).toEqual([...new Set(programs)].toSorted());
  });

  test('every example fits the schema it stands with', () => {
    let examples = 0;
    for (const { operation } of operations()) {
      for (const { content } of [operation.requestBody ?? {}, ...Object.values(operation.responses)]) {
        for (const { schema, examples: named = {} } of Object.values(content ?? {})) {
          for (const { value } of Object.values(named)) {
            expect(check(schema, value), operation.operationId).toEqual([]);
            examples++;
          }
        }
      }
    }
    expect(examples).toBeGreaterThan(8);
  });

  test('every example of a request is answered as its own example says', async () => {
    for (const documented of operations()) {
      const [mediaType, body] = Object.entries(documented.operation.requestBody?.content ?? {})[0] ?? [];
      for (const [name, { value }] of Object.entries(body?.examples ?? {})) {
        const response = await ask(documented, mediaType, value);
        expect(response.status, `${documented.path} ${name}`).toBe(200);
        const content = await documentedContent(documented, response);
        const received = mediaType === 'application/json' ? await response.json() : await response.text();
        expect(check(content.schema, received)).toEqual([]);
        expect(received).toEqual(content.examples?.[name]?.value as object);
      }
    }
  });

  test('every GET is answered as documented', async () => {
    for (const documented of operations().filter(({ method }) => method === 'get')) {
      const response = await ask(documented);
      expect(response.status, documented.path).toBe(200);
      const content = await documentedContent(documented, response);
      expect(check(content.schema, await response.json())).toEqual([]);
    }
  });

  test('every documented refusal is given, in the documented form', async () => {
    const nothing = { model: undefined, loadedAt: undefined, stale: undefined, failure: undefined };
    const empty = await testApp({ live: { model: undefined, state: nothing } });
    const busy = await testApp();
    for (let i = 0; i < 512; i++) busy.deps.inFlight.began();
    const json = 'application/json';
    const tooLong = ' '.repeat(1_048_577);
    const bad: Record<string, Record<string, [type: string, body: string]>> = {
      [json]: {
        400: [json, '{'],
        413: [json, tooLong],
        415: ['text/plain', '{}'],
        422: [json, JSON.stringify({ inputs: { ...HOUSEHOLD, income: 'x' } })],
      },
      'text/csv': { 400: ['text/csv', 'a,b\n'], 413: ['text/csv', tooLong], 415: [json, '{}'] },
    };
    for (const documented of operations()) {
      for (const status of Object.keys(documented.operation.responses)) {
        const [type, body] = Object.entries(documented.operation.requestBody?.content ?? {})[0] ?? [];
        const refused = type && bad[type]?.[status];
        let response: Response;
        if (status === '503') {
          const value = Object.values(body?.examples ?? {})[0]?.value;
          const request = {
            method: documented.method.toUpperCase(),
            ...(type && {
              headers: { 'content-type': type },
              body: typeof value === 'string' ? value : JSON.stringify(value),
            }),
          };
          response = await empty.app.request(filled(documented), request);
          if (response.status === 200) response = await busy.app.request(filled(documented), request);
        } else if (refused) response = await ask(documented, ...refused);
        else continue;
        expect(response.status, `${documented.path} ${status}`).toBe(Number(status));
        const { schema } = await documentedContent(documented, response);
        expect(check(schema, await response.json())).toEqual([]);
      }
    }
  });

  test('what any address that reads a body, or is asked too much, answers is documented', async () => {
    for (const { path, operation } of operations()) {
      const statuses = Object.keys(operation.responses);
      if (operation.requestBody)
        expect(statuses, path).toEqual(expect.arrayContaining(['400', '413', '415']));
      if (!/^\/(livez|readyz|v2\/health)/.test(path)) expect(statuses, path).toContain('503');
    }
  });

  test('a request that no model or CSV could answer does not fit its schema', () => {
    const schemaOf = (path: string, type: string) =>
      document.paths[path].post!.requestBody!.content[type].schema;
    const inference = schemaOf('/v2/models/{name}/infer', 'application/json');
    const tensor = { name: 'inputs', datatype: 'FP64', shape: [1, 14], data: Object.values(HOUSEHOLD) };
    const outputs = [server.model.manifest.target.name, 'low', 'high', 'contributions'];
    for (const name of outputs) {
      expect(check(inference, { inputs: [tensor], outputs: [{ name }] })).toEqual([]);
    }
    expect(check(inference, { inputs: [tensor], outputs: [{ name: 'rate' }] })).not.toEqual([]);
    for (const left of [null, undefined]) {
      const members = { id: left, parameters: left, outputs: left };
      expect(check(inference, { ...members, inputs: [{ ...tensor, parameters: left }] })).toEqual([]);
    }
    expect(check(inference, { inputs: [tensor], outputs: [] })).toEqual([]);
    expect(check(schemaOf('/batch', 'text/csv'), '')).not.toEqual([]);
  });

  test("bounds of the inputs are the model's", () => {
    const { properties, required } = document.components.schemas.Household as {
      properties: Record<string, { minimum: number; maximum: number; type: string }>;
      required: string[];
    };
    for (const feature of server.model.manifest.features) {
      expect(properties[feature.name]).toMatchObject({ minimum: feature.min, maximum: feature.max });
      expect(required).toContain(feature.name);
    }
  });
});
