import { afterEach, describe, expect, test } from 'bun:test';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { EarlyListener, openEarly } from '../../../src/cli/server/early-listener.ts';
import { fixedPaths } from '../../../src/http/paths.ts';
import { HOUSEHOLD, testApp } from '../../support/app.ts';

const doors: EarlyListener[] = [];
afterEach(async () => {
  await Promise.all(doors.splice(0).map(({ server }) => server.close()));
});

function openDoor() {
  const door = new EarlyListener('127.0.0.1', 0);
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
    door.open(app.fetch, fixedPaths(app));
    const response = await asked;
    expect(response.status).toBe(200);
    expect((await response.json()).model.version).toBe(model.version);
    expect((await fetch(`${url}/livez`)).headers.get('x-content-type-options')).toBe('nosniff');
  });

  test.each([
    ['GET /livez HTTP/1.0\r\n\r\n', '200'],
    ['GET /livez?x HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n', '200'],
    ['POST /livez HTTP/1.0\r\n\r\n', '405'],
    ['HEAD /livez HTTP/1.0\r\n\r\n', '200'],
    ['GET /livezz HTTP/1.0\r\n\r\n', '404'],
  ])('answers %j as the app does', async (request, status) => {
    const { door } = openDoor();
    const { app } = await testApp();
    const answer = async () => {
      const socket = connect(door.server.port, '127.0.0.1');
      socket.write(request);
      const [data] = await once(socket, 'data');
      socket.destroy();
      return String(data);
    };
    const early = answer();
    if (status === '200') expect(await early).toStartWith('HTTP/1.1 200');
    door.open(app.fetch, fixedPaths(app));
    expect(await early).toStartWith(`HTTP/1.1 ${status}`);
    expect(await answer()).toStartWith(`HTTP/1.1 ${status}`);
  });
});

describe('the front door, once there is an app', () => {
  test('answers every kind of address alike, whoever found out its path', async () => {
    const { door, url } = openDoor();
    const { app, lines } = await testApp();
    door.open(app.fetch, fixedPaths(app));
    for (const path of [
      '/',
      '/?a=1',
      '/%6dodel',
      '/model',
      '/v2',
      '/v2/',
      '/v2/models/savings',
      '/nothing',
    ]) {
      for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS']) {
        const served = await fetch(`${url}${path}`, { method });
        const servedLine = JSON.parse(lines.at(-1)!);
        const direct = await app.request(path, { method });
        const directLine = JSON.parse(lines.at(-1)!);
        expect([path, method, served.status]).toEqual([path, method, direct.status]);
        expect([servedLine.route, servedLine.method]).toEqual([directLine.route, directLine.method]);
      }
    }
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

  test.each(['localhost', '127.1', '203.0.113.9'])(
    'leaves LISTEN_ADDRESS=%s to whoever reads the settings',
    (LISTEN_ADDRESS) => {
      expect(openEarly({ PORT: '0', LISTEN_ADDRESS })).toBeUndefined();
    },
  );

  test('opens on the address that it is given, and on no other', async () => {
    const door = openEarly({ PORT: '0', LISTEN_ADDRESS: '127.0.0.2' })!;
    doors.push(door);
    expect((await fetch(`http://127.0.0.2:${door.server.port}/livez`)).status).toBe(200);
    await expect(fetch(`http://127.0.0.1:${door.server.port}/livez`)).rejects.toThrow();
  });

  test('opens what it can have', async () => {
    const door = openEarly({ PORT: ' 0 ' })!;
    doors.push(door);
    expect((await fetch(`http://127.0.0.1:${door.server.port}/livez`)).status).toBe(200);
  });
});
