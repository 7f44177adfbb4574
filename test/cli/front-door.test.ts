import { afterEach, describe, expect, test } from 'bun:test';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { FrontDoor, openEarly } from '../../src/cli/front-door.ts';
import { HOUSEHOLD, testApp } from '../support/app.ts';

const doors: FrontDoor[] = [];
afterEach(async () => {
  await Promise.all(doors.splice(0).map(({ server }) => server.close()));
});

function openDoor() {
  const door = new FrontDoor(0);
  doors.push(door);
  return { door, url: `http://127.0.0.1:${door.server.port}` };
}

describe('the front door, before there is an app', () => {
  test('answers /livez as the app does', async () => {
    const { url } = openDoor();
    const { app } = await testApp();
    const [early, later] = [await fetch(`${url}/livez`), await app.request('/livez')];
    expect(early.status).toBe(200);
    expect(await early.text()).toBe(await later.text());
    expect(early.headers.get('content-type')).toStartWith(later.headers.get('content-type')!);
  });

  test('lets whatever else is asked wait for it, body and all', async () => {
    const { door, url } = openDoor();
    const { app, model } = await testApp();
    let answered = false;
    const asked = fetch(`${url}/api/v1/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ inputs: HOUSEHOLD }),
    }).finally(() => {
      answered = true;
    });
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    expect(answered).toBe(false);
    door.open(app.fetch);
    const response = await asked;
    expect(response.status).toBe(200);
    expect((await response.json()).model.version).toBe(model.version);
    expect((await fetch(`${url}/livez`)).headers.get('x-content-type-options')).toBe('nosniff');
  });
});

describe('openEarly', () => {
  test.each(['x', '-1', '65536', '80.5', '1e3'])('leaves PORT=%s to whoever reads the settings', (PORT) => {
    expect(openEarly({ PORT })).toBeUndefined();
  });

  test('leaves a port that is taken, too', async () => {
    const taken = createServer().listen(0, '0.0.0.0');
    await once(taken, 'listening');
    expect(openEarly({ PORT: String((taken.address() as AddressInfo).port) })).toBeUndefined();
    taken.close();
  });

  test('opens what it can have', async () => {
    const door = openEarly({ PORT: ' 0 ' })!;
    doors.push(door);
    expect((await fetch(`http://127.0.0.1:${door.server.port}/livez`)).status).toBe(200);
  });
});
