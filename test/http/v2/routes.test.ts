import { beforeAll, describe, expect, test } from 'bun:test';
import { HOUSEHOLD, testApp } from '../../support/app.ts';

let server: Awaited<ReturnType<typeof testApp>>;
beforeAll(async () => {
  server = await testApp();
});

async function infer(body: unknown, path = '/v2/models/savings/infer') {
  const response = await server.app.request(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

const get = async (path: string) => {
  const response = await server.app.request(path);
  return { status: response.status, body: await response.json() };
};

const names = Object.keys(HOUSEHOLD) as (keyof typeof HOUSEHOLD)[];
const columns = (...incomes: number[]) =>
  names.map((name) => ({
    name,
    shape: [incomes.length],
    datatype: 'FP64',
    data: incomes.map((income) => (name === 'income' ? income : HOUSEHOLD[name])),
  }));
const matrix = (datatype: string, ...incomes: number[]) => ({
  name: 'predict',
  shape: [incomes.length, names.length],
  datatype,
  data: incomes.flatMap((income) =>
    server.model.manifest.features.map(
      ({ name }) => ({ ...HOUSEHOLD, income })[name as keyof typeof HOUSEHOLD],
    ),
  ),
});

describe('GET /v2', () => {
  test('says what the server is, with and without a slash', async () => {
    for (const path of ['/v2', '/v2/']) {
      expect((await get(path)).body).toMatchObject({ name: 'savings', extensions: expect.any(Array) });
    }
  });
});

describe('health', () => {
  test('is live, and ready once a model is', async () => {
    expect(await get('/v2/health/live')).toEqual({ status: 200, body: { live: true } });
    expect(await get('/v2/health/ready')).toEqual({ status: 200, body: { live: true, ready: true } });
    expect(await get('/v2/models/savings/ready')).toEqual({
      status: 200,
      body: { name: 'savings', ready: true },
    });
  });

  test('is not ready without a model, nor while stopping', async () => {
    const state = { model: undefined, loadedAt: undefined, stale: undefined, failure: undefined };
    const { app } = await testApp({ live: { model: undefined, state } });
    for (const path of ['/v2/health/ready', '/v2/models/savings/ready']) {
      expect((await app.request(path)).status).toBe(503);
    }
    const stopping = await testApp();
    stopping.deps.inFlight.stopping = true;
    for (const path of ['/v2/health/ready', '/v2/models/savings/ready']) {
      expect((await stopping.app.request(path)).status).toBe(503);
    }
  });
});

describe('GET /v2/models/{name}', () => {
  test('declares every tensor; the version in the address may be left out', async () => {
    const { status, body } = await get('/v2/models/savings');
    expect(status).toBe(200);
    expect(body.versions).toEqual([server.model.version]);
    expect(body.inputs.map(({ name }: { name: string }) => name)).toEqual(names);
    expect(body.inputs[0]).toEqual({ name: 'income', datatype: 'FP64', shape: [-1] });
    expect(body.inputs.find(({ name }: { name: string }) => name === 'dependents').datatype).toBe('INT64');
    expect(await get(`/v2/models/savings/versions/${server.model.version}`)).toEqual({ status, body });
  });

  test.each(['/v2/models/other', '/v2/models/savings/versions/9', '/v2/models/other/ready', '/v2/nothing'])(
    '%s is 404 with an error',
    async (path) => {
      const { status, body } = await get(path);
      expect(status).toBe(404);
      expect(Object.keys(body)).toEqual(['error']);
    },
  );
});

describe('POST /v2/models/{name}/infer', () => {
  test('answers a tensor for each input as the model does', async () => {
    const { status, body } = await infer({ id: 'x-1', inputs: columns(60_000, 90_000) });
    expect(status).toBe(200);
    const expected = [60_000, 90_000].map((income) => server.model.predict({ ...HOUSEHOLD, income }));
    expect(body).toMatchObject({ model_name: 'savings', model_version: server.model.version, id: 'x-1' });
    const outputs = Object.fromEntries(body.outputs.map((o: { name: string }) => [o.name, o]));
    expect(outputs[server.model.manifest.target.name]).toEqual({
      name: server.model.manifest.target.name,
      shape: [2],
      datatype: 'FP64',
      data: expected.map(({ amount }) => amount),
    });
    expect(outputs.low.data).toEqual(expected.map(({ interval }) => interval.low));
    expect(outputs.high.data).toEqual(expected.map(({ interval }) => interval.high));
    const { shape, data, parameters } = outputs.contributions;
    const width = parameters.columns.split(',').length;
    expect(shape).toEqual([2, width]);
    for (const [row, { amount }] of expected.entries()) {
      const own = data.slice(row * width, (row + 1) * width) as number[];
      expect(own.reduce((sum, value) => sum + value)).toBeCloseTo(amount, 6);
    }
  });

  test('answers a matrix alike, in each type, under the versioned address too', async () => {
    const expected = (await infer({ inputs: columns(60_000, 90_000) })).body.outputs;
    const path = `/v2/models/savings/versions/${server.model.version}/infer`;
    for (const datatype of ['FP64', 'FP32', 'FP16', 'INT64', 'INT32', 'UINT64', 'UINT32']) {
      const { body } = await infer({ inputs: [matrix(datatype, 60_000, 90_000)] }, path);
      expect(body.outputs).toEqual(expected);
      expect(body.id).toBeUndefined();
    }
  });

  test.each<[string, object]>([
    ['null', { id: null, parameters: null, outputs: null }],
    ['no outputs', { outputs: [] }],
    ['parameters of other servers', { parameters: { content_type: 'pd', headers: null }, raw_request: null }],
  ])('takes %s as what is left out, beside tensors and in them', async (_, members) => {
    const plain = await infer({ inputs: columns(60_000) });
    const inputs = columns(60_000).map((tensor) => ({ ...tensor, shape: [1, 1], ...members }));
    expect(await infer({ ...members, inputs })).toEqual(plain);
    expect(plain.body).not.toHaveProperty('id');
    const outputs = [{ name: 'low', ...members }];
    expect((await infer({ ...members, inputs, outputs })).body.outputs).toEqual([plain.body.outputs[1]]);
  });

  test('takes whole numbers of any width, within it', async () => {
    const own = (datatype: string, value: number) =>
      columns(60_000).map((tensor) =>
        tensor.name === 'age' ? { ...tensor, datatype, data: [value] } : tensor,
      );
    for (const datatype of ['INT8', 'INT16', 'UINT8', 'UINT16']) {
      expect((await infer({ inputs: own(datatype, HOUSEHOLD.age) })).status).toBe(200);
    }
    for (const [datatype, value] of [
      ['INT8', 128],
      ['UINT8', -1],
      ['UINT16', 65_536],
      ['INT32', 2 ** 31],
      ['INT16', 0.5],
    ] as const) {
      const { status, body } = await infer({ inputs: own(datatype, value) });
      expect([status, body.error]).toEqual([
        400,
        expect.stringContaining(`whole numbers within ${datatype}`),
      ]);
    }
  });

  test('gives the outputs that were asked for, in that order', async () => {
    const { body } = await infer({
      inputs: columns(60_000),
      outputs: [{ name: 'high' }, { name: 'low', parameters: { binary_data: false } }],
    });
    expect(body.outputs.map(({ name }: { name: string }) => name)).toEqual(['high', 'low']);
  });

  test.each([
    ['an output that is none', { inputs: [], outputs: [{ name: 'x' }] }],
    ['no inputs', { inputs: [] }],
    ['JSON of another form', { instances: [[1]] }],
    ['no JSON', '{'],
    ['an unknown type', { inputs: [{ name: 'income', shape: [1], datatype: 'FP8', data: [1] }] }],
    ['a negative shape', { inputs: [{ name: 'income', shape: [-1], datatype: 'FP64', data: [1] }] }],
    ['three dimensions', { inputs: [{ name: 'income', shape: [1, 1, 1], datatype: 'FP64', data: [1] }] }],
    ['a huge shape', { inputs: [{ name: 'x', shape: [1e15, 14], datatype: 'FP64', data: [1] }] }],
    ['data that is no list', { inputs: [{ name: 'income', shape: [1], datatype: 'FP64', data: { 0: 1 } }] }],
  ])('refuses %s with 400 and an error', async (_, request) => {
    const { status, body } = await infer(request);
    expect(status).toBe(400);
    expect(Object.keys(body)).toEqual(['error']);
    expect(body.error).toStartWith('Cannot ');
  });

  test('refuses an input out of its bounds by row and name, without its value', async () => {
    const { status, body } = await infer({ inputs: columns(60_000, -48_151) });
    expect(status).toBe(400);
    expect(body.error).toMatch(/row 1: .*income/i);
    expect(body.error).not.toContain('48151');
  });

  test('refuses what is not JSON, but takes JSON that does not say so, as some clients send it', async () => {
    const body = new TextEncoder().encode(JSON.stringify({ inputs: columns(60_000) }));
    const path = '/v2/models/savings/infer';
    expect((await server.app.request(path, { method: 'POST', body })).status).toBe(200);
    const headers = { 'content-type': 'text/plain' };
    expect((await server.app.request(path, { method: 'POST', body, headers })).status).toBe(415);
  });

  test('counts its predictions under v2', async () => {
    const count = async () =>
      Number(
        /savings_predictions_total\{[^}]*surface="v2"[^}]*\} (\d+)/.exec(
          await server.deps.metrics.registry.metrics(),
        )?.[1],
      );
    const before = await count();
    await infer({ inputs: columns(1_000, 2_000, 3_000) });
    expect(await count()).toBe(before + 3);
  });
});
