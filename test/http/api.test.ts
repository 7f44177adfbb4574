import { beforeAll, describe, expect, test } from 'bun:test';
import { HOUSEHOLD, testApp } from '../support/app.ts';

let server: Awaited<ReturnType<typeof testApp>>;
beforeAll(async () => {
  server = await testApp();
});

async function errorsOf(response: Response) {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  return (await response.json()) as {
    status: number;
    detail: string;
    errors?: { field: string; reason: string; row?: number }[];
  };
}

describe('POST /api/v1/predict', () => {
  test('answers one household as the model does', async () => {
    const response = await server.postJson({ inputs: HOUSEHOLD });
    expect(response.status).toBe(200);
    const body = await response.json();
    const { unclamped: _, output: __, ...expected } = server.model.predict(HOUSEHOLD);
    expect(body.predictions).toEqual([expected]);
    expect(body.model).toEqual({
      name: 'savings',
      version: server.model.version,
      sha256: server.model.sha256,
    });
    expect(body.currency).toBe('INR');
  });

  test('says why when asked: the parts sum to the amount', async () => {
    const overspent = { ...HOUSEHOLD, rent: 50_000 };
    const { predictions } = await (
      await server.postJson({ inputs: [HOUSEHOLD, overspent], contributions: true })
    ).json();
    for (const { amount, contributions: why } of predictions) {
      const sum = why.parts.reduce(
        (total: number, { change }: { change: number }) => total + change,
        why.base,
      );
      expect(sum).toBeCloseTo(why.unclamped, 6);
      expect(why.unclamped + why.limit).toBeCloseTo(amount, 6);
    }
    expect(predictions[1].contributions.limit).toBeLessThan(0);
    for (const contributions of [false, null]) {
      const plain = await (await server.postJson({ inputs: HOUSEHOLD, contributions })).json();
      expect(plain.predictions[0]).not.toHaveProperty('contributions');
    }
  });

  test('refuses a key beside the inputs that it does not know, without repeating it', async () => {
    const response = await server.postJson({ inputs: HOUSEHOLD, contribution: true });
    expect(response.status).toBe(400);
    expect((await errorsOf(response)).detail).toBe('Cannot read the body: it holds a key that is not known.');
  });

  test('answers many in their order, each as it would alone', async () => {
    const households = Array.from({ length: 50 }, (_, i) => ({ ...HOUSEHOLD, income: 20_000 + 3_000 * i }));
    const { predictions } = await (await server.postJson({ inputs: households })).json();
    expect(predictions.map((p: { amount: number }) => p.amount)).toEqual(
      households.map((household) => server.model.predict(household).amount),
    );
  });

  test.each([
    ['an income of 0', { income: 0 }, 'income', 'below_min'],
    ['a negative rent', { rent: -1 }, 'rent', 'below_min'],
    ['a huge income', { income: 1e300 }, 'income', 'above_max'],
    ['a number in text', { rent: '5000' }, 'rent', 'type'],
    ['an empty text', { rent: '' }, 'rent', 'type'],
    ['null', { rent: null }, 'rent', 'missing'],
    ['nothing', { rent: undefined }, 'rent', 'missing'],
    ['a list', { rent: [1] }, 'rent', 'type'],
    ['half a dependent', { dependents: 1.5 }, 'dependents', 'integer'],
    ['a key that is no input', { wages: 5 }, 'other', 'unknown'],
  ])('refuses %s with 422, naming the field', async (_, change, field, reason) => {
    const response = await server.postJson({ inputs: { ...HOUSEHOLD, ...change } });
    expect(response.status).toBe(422);
    const { errors } = await errorsOf(response);
    expect(errors?.map((error) => [error.field, error.reason])).toEqual([[field, reason]]);
  });

  test('refuses an infinite number: 1e999 is JSON', async () => {
    const text = JSON.stringify({ inputs: HOUSEHOLD }).replace('"rent":12000', '"rent":1e999');
    const response = await server.postJson(text);
    expect(response.status).toBe(422);
    expect((await errorsOf(response)).errors?.[0]).toMatchObject({ field: 'rent', reason: 'above_max' });
  });

  test('a bad row refuses them all and is named by its place', async () => {
    const response = await server.postJson({ inputs: [HOUSEHOLD, { ...HOUSEHOLD, age: 'x' }] });
    expect(response.status).toBe(422);
    expect((await errorsOf(response)).errors).toMatchObject([{ row: 1, field: 'age' }]);
  });

  test('reports no more than the first twenty errors', async () => {
    const response = await server.postJson({ inputs: Array.from({ length: 100 }, () => ({})) });
    expect((await errorsOf(response)).errors).toHaveLength(20);
  });

  test.each([
    ['malformed JSON', '{"inputs": {'],
    ['JSON without inputs', '{"input": {}}'],
    ['inputs that are text', '{"inputs": "x"}'],
    ['an empty list', '{"inputs": []}'],
    ['null', 'null'],
    ['nothing', ''],
  ])('refuses %s with 400', async (_, body) => {
    const response = await server.postJson(body);
    expect(response.status).toBe(400);
    expect((await errorsOf(response)).detail).toStartWith('Cannot ');
  });

  test('refuses another content type with 415', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', undefined]) {
      const response = await server.app.request('/api/v1/predict', {
        method: 'POST',
        ...(type && { headers: { 'content-type': type } }),
        body: new TextEncoder().encode('{}'),
      });
      expect([response.status, response.headers.get('accept')]).toEqual([415, 'application/json']);
    }
  });

  test('refuses a body over the limit with 413, whether its length is declared or not', async () => {
    const body = `{"inputs": ${'['.repeat(70_000)}`;
    expect((await server.postJson(body)).status).toBe(413);
    const undeclared = await server.app.request('/api/v1/predict', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: new Blob([body]).stream(),
    });
    expect(undeclared.status).toBe(413);
    expect((await errorsOf(undeclared)).detail).toBe(
      'Cannot read the body: it is over 65536 bytes; send fewer rows at a time, or a CSV to POST /batch, which streams.',
    );
  });

  test('refuses too many rows with 400, and says what takes them', async () => {
    const roomy = await testApp({ maxBodyBytes: 1_048_576 });
    const response = await roomy.postJson({ inputs: Array(10_001).fill({}) });
    expect(response.status).toBe(400);
    expect((await errorsOf(response)).detail).toBe(
      'Cannot read the body: "inputs" holds more than 10000 rows; send fewer rows at a time, ' +
        'or a CSV to POST /batch, which streams.',
    );
  });

  test('names that every object inherits are only unknown keys', async () => {
    const text = JSON.stringify({ inputs: HOUSEHOLD }).replace(
      '{"income"',
      '{"__proto__":{"rent":1},"constructor":1,"income"',
    );
    const response = await server.postJson(text);
    expect(response.status).toBe(422);
    expect(({} as { rent?: number }).rent).toBeUndefined();
  });

  test('puts no input into a log line, an error or a label', async () => {
    const secret = 48_151.62;
    await server.postJson({ inputs: { ...HOUSEHOLD, income: secret } });
    const refused = await server.postJson({ inputs: { ...HOUSEHOLD, rent: -secret } });
    const written = [
      await refused.text(),
      ...server.lines,
      await server.deps.metrics.registry.metrics(),
    ].join('\n');
    expect(written).not.toContain('48151');
  });

  test('says 503 until a model is live', async () => {
    const state = { model: undefined, loadedAt: undefined, stale: undefined, failure: 'x' };
    const { postJson } = await testApp({ live: { model: undefined, state } });
    const response = await postJson({ inputs: HOUSEHOLD });
    expect(response.status).toBe(503);
    expect((await errorsOf(response)).detail).toContain('no model is loaded yet');
  });
});

describe('GET /api/v1/model', () => {
  test('tells what the model is, what it takes and how well it does', async () => {
    const body = await (await server.app.request('/api/v1/model')).json();
    expect(body).toMatchObject({ version: server.model.version, sha256: server.model.sha256 });
    expect(body.features).toHaveLength(14);
    expect(body.metrics.model.mae).toBeLessThan(body.metrics.mean.mae);
  });
});

describe('any other address', () => {
  test('is 404 as problem details', async () => {
    const response = await server.app.request('/api/v1/nothing');
    expect(response.status).toBe(404);
    await errorsOf(response);
  });
});
