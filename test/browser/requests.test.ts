import { expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { type Fetch, type Server, serve } from '../../src/runtime.ts';
import { formatFor } from '../../src/views/format.ts';
import { testApp } from '../support/app.ts';
import { describeInBrowser, shownAmount, typedFigures, until } from './session.ts';

const rupees = formatFor('en-IN', 'INR').money;
const RETRYING = 'No answer yet: trying again…';
const FAILED = 'No answer came; your figures are kept. Try again.';

describeInBrowser('a question that is slow or fails', (session) => {
  const showsItsFigures = (page: Page) =>
    until(
      async () =>
        (await shownAmount(page)) === rupees(session.model.predict(await typedFigures(page)).amount),
      true,
    );
  const saidOf = (page: Page) => page.locator('#request-state').textContent();
  /** Whether headline and foot are shown without colour. */
  const isGrey = (page: Page) =>
    page
      .locator('.two-numbers, .foot-amount')
      .evaluateAll((parts) => parts.every((part) => getComputedStyle(part).filter === 'grayscale(1)'));
  const ask = (page: Page) => page.locator('.form-foot button').click();

  /** A server of its own, whose responses to POST /predict go through `predict` first; read `asked` for their number. */
  async function ownServer(predict: (answer: () => ReturnType<Fetch>, asked: number) => ReturnType<Fetch>) {
    const { app } = await testApp();
    const counted = { asked: 0 };
    const listen = (port: number): Server =>
      serve({
        port,
        address: '127.0.0.1',
        maxBodyBytes: 65_536,
        fetch: (request, routed) => {
          const answer = () => app.fetch(request, routed as never);
          return request.method === 'POST' ? predict(answer, ++counted.asked) : answer();
        },
      });
    const server = listen(0);
    const page = await session.open();
    await page.goto(`http://127.0.0.1:${server.port}/`);
    return { page, server, listen, counted };
  }

  /** Forgets what the browser says on its console of the failures that a test makes. */
  function forgetFailures() {
    const others = session
      .troubles()
      .filter((trouble) => !/^request: |status of 50\d|ERR_|Failed to fetch/.test(trouble));
    expect(others).toEqual([]);
  }

  test('greys what is from before and says beside the button that it takes long', async () => {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { page, server } = await ownServer(async (answer) => {
      await released;
      return await answer();
    });
    expect([await isGrey(page), await saidOf(page)]).toEqual([false, '']);
    await page.locator('#in-income').fill('64000');
    await until(() => saidOf(page), 'Still working…');
    await until(() => isGrey(page), true);
    const [button, words] = [
      (await page.locator('.form-foot button').boundingBox())!,
      (await page.locator('#request-state').boundingBox())!,
    ];
    expect(words.y - (button.y + button.height)).toBeLessThan(16);
    // What was asked in between does not end the waiting of what is asked last.
    await page.locator('#in-income').fill('65000');
    await until(() => page.locator('#household').getAttribute('aria-busy'), 'true');
    release();
    await showsItsFigures(page);
    await until(() => page.locator('#household').getAttribute('aria-busy'), null);
    expect([await isGrey(page), await saidOf(page)]).toEqual([false, '']);
    forgetFailures();
    await server.close();
  });

  test('stays busy while a request is under way that took the place of another', async () => {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { page, server, counted } = await ownServer(async (answer) => {
      await released;
      return await answer();
    });
    await page.evaluate(() => {
      const ended = { count: 0 };
      Object.assign(window, { ended });
      document.addEventListener('htmx:finally:request', () => {
        ended.count++;
      });
    });
    await page.locator('#in-income').fill('64000');
    await until(async () => counted.asked, 1);
    await page.locator('#in-income').fill('65000');
    await until(() => page.evaluate(() => (window as never as { ended: { count: number } }).ended.count), 1);
    expect(await page.locator('#household').getAttribute('aria-busy')).toBe('true');
    release();
    await until(() => page.locator('#household').getAttribute('aria-busy'), null);
    await showsItsFigures(page);
    forgetFailures();
    await server.close();
  });

  test.each([502, 503, 504])('tries once more by itself after a %i', async (status) => {
    const { page, server, counted } = await ownServer((answer, asked) =>
      asked === 1 ? new Response('busy', { status }) : answer(),
    );
    await page.locator('#in-income').fill('64000');
    await showsItsFigures(page);
    await until(() => saidOf(page), '');
    expect(counted.asked).toBe(2);
    forgetFailures();
    await server.close();
  });

  test('waits as long as a server that is without a model asks it to', async () => {
    const page = await session.open();
    const { live } = session.deps;
    const state = { model: undefined, loadedAt: undefined, stale: undefined, failure: undefined };
    session.deps.live = { model: undefined, state };
    try {
      await page.locator('#in-income').fill('64000');
      await until(() => saidOf(page), RETRYING);
    } finally {
      session.deps.live = live;
    }
    const began = performance.now();
    await page.waitForFunction(
      () => document.getElementById('request-state')!.textContent === '',
      undefined,
      { timeout: 20_000 },
    );
    expect(performance.now() - began).toBeGreaterThan(2_000);
    await showsItsFigures(page);
    forgetFailures();
  });

  test.each([
    ['a defect', () => new Response('broken', { status: 500 })],
    [
      'a server that wants a long rest',
      () => new Response('', { status: 503, headers: { 'retry-after': '60' } }),
    ],
  ])('does not try again by itself after %s', async (_, refuse) => {
    const { page, server, counted } = await ownServer((answer, asked) => (asked === 1 ? refuse() : answer()));
    await page.locator('#in-income').fill('64000');
    await until(() => saidOf(page), FAILED);
    expect(counted.asked).toBe(1);
    await until(() => isGrey(page), true);
    expect(await page.locator('#in-income').inputValue()).toBe('64000');
    await ask(page);
    await showsItsFigures(page);
    await until(() => saidOf(page), '');
    expect(await isGrey(page)).toBe(false);
    forgetFailures();
    await server.close();
  });

  test('a server that is stopped, stays so over a second try, and comes back', async () => {
    const { page, server, listen } = await ownServer((answer) => answer());
    const { port } = server;
    await server.close();
    await page.locator('#in-income').fill('64000');
    await page.locator('#in-rent').fill('7000');
    await until(() => saidOf(page), FAILED);
    await until(() => isGrey(page), true);
    expect(await typedFigures(page)).toMatchObject({ income: 64_000, rent: 7_000 });
    expect(await page.locator('#household').getAttribute('aria-busy')).toBe(null);

    const again = listen(port);
    await ask(page);
    await showsItsFigures(page);
    await until(() => saidOf(page), '');
    expect(await isGrey(page)).toBe(false);
    forgetFailures();
    await again.close();
  });

  test('a connection that is cut once is not even noticed', async () => {
    const page = await session.open();
    let asked = 0;
    await page.route('**/predict', (route) => (++asked === 1 ? route.abort() : route.continue()));
    await page.locator('#in-income').fill('64000');
    await showsItsFigures(page);
    await until(() => saidOf(page), '');
    expect(asked).toBe(2);
    forgetFailures();
  });

  test('what was replaced is not tried again', async () => {
    const page = await session.open();
    const asked: (string | null)[] = [];
    await page.route('**/predict', (route) => {
      const income = new URLSearchParams(route.request().postData() ?? '').get('income');
      asked.push(income);
      return income === '64000' ? route.fulfill({ status: 503 }) : route.continue();
    });
    await page.locator('#in-income').fill('64000');
    await until(() => saidOf(page), RETRYING);
    await page.locator('#in-income').fill('65000');
    await showsItsFigures(page);
    await page.locator('#in-income').fill('66000');
    await showsItsFigures(page);
    expect(asked.at(-1)).toBe('66000');
    // A second try of the first may have come before it was replaced, never after.
    expect(asked.lastIndexOf('64000')).toBeLessThan(asked.indexOf('65000'));
    forgetFailures();
  });

  test('on a phone the foot comes to whoever reads far below the form', async () => {
    const page = await session.open('/', { viewport: { width: 390, height: 844 } });
    await page.route('**/predict', (route) => route.fulfill({ status: 500 }));
    await page.locator('.tabs a', { hasText: 'What if' }).click();
    await page.locator('#goal').fill('15000');
    await until(() => saidOf(page), FAILED);
    const { y, height } = (await page.locator('#request-state').boundingBox())!;
    expect(y).toBeGreaterThan(0);
    expect(y + height).toBeLessThanOrEqual(844);
    forgetFailures();
  });
});
