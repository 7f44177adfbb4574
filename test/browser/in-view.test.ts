import { expect, test } from 'bun:test';
import axe from 'axe-core';
import type { Page, Request } from 'playwright-core';
import { SLIDER_MS } from '../../src/views/household.tsx';
import { describeInBrowser, typedFigures, until } from './session.ts';

const GROCERIES = '.slider[data-for="in-groceries"]';
const PANELS = ['panel-overview', 'panel-spending', 'panel-why', 'panel-change'];

const fieldsOf = (request: Request) => new URLSearchParams(request.postData() ?? '');
/** While a slider moves the page asks only for the panel that is open. */
const isGlance = (request: Request) => fieldsOf(request).has('_open');

describeInBrowser('what is worked out while a slider moves', (session) => {
  /** What the parts of a page say of the figures in its form, against what the server says of them to one that asks anew. */
  async function saysWhatTheServerSays(page: Page, ids: readonly string[]): Promise<boolean> {
    const goal = await page.locator('#goal').inputValue();
    const figures = Object.entries(await typedFigures(page)).map(([name, value]) => [name, String(value)]);
    const answer = await fetch(`${session.url}/predict`, {
      method: 'POST',
      headers: { 'accept-language': 'en-IN' },
      body: new URLSearchParams([...figures, ['_goal', goal], ['_do', 'look']]),
    });
    return await page.evaluate(
      ({ html, ids }) => {
        const wanted = new DOMParser().parseFromString(html, 'text/html');
        const text = (page: Document, id: string) => page.getElementById(id)?.textContent;
        return ids.every((id) => text(document, id) === text(wanted, id));
      },
      { html: await answer.text(), ids },
    );
  }
  const stale = (page: Page) =>
    page.locator('.panel[data-stale]').evaluateAll((panels) => panels.map(({ id }) => id));
  const openTab = (page: Page, id: string) =>
    // A mouse that holds a slider can't click; a keyboard can.
    page.locator(`.tabs a[href="#${id}"]`).evaluate((link: HTMLElement) => link.click());

  async function holdSlider(page: Page) {
    const slider = page.locator(GROCERIES);
    await slider.evaluate((it) => it.scrollIntoView({ block: 'center', behavior: 'instant' }));
    const { x, y, width, height } = (await slider.boundingBox())!;
    const to = (share: number) => page.mouse.move(x + width * share, y + height / 2);
    await to(0.1);
    await page.mouse.down();
    return to;
  }

  /** Keeps the page from asking for the whole until it is called: as long as a slider never rests. */
  async function neverRest(page: Page) {
    await page.evaluate(() => {
      const stop = (event: Event) => {
        const { ctx } = (event as CustomEvent<{ ctx: { sourceElement: Element } }>).detail;
        if (ctx.sourceElement.id === 'live') event.preventDefault();
      };
      document.addEventListener('htmx:config:request', stop);
      const rest = () => document.removeEventListener('htmx:config:request', stop);
      document.addEventListener('rest-again', rest, { once: true });
    });
    return () => page.evaluate(() => document.dispatchEvent(new Event('rest-again')));
  }

  test('a slider dragged for a second asks at most 8 times a second for what is in view, and once for all', async () => {
    const page = await session.open();
    const asked: Request[] = [];
    page.on('request', (request) => {
      if (request.method() === 'POST') asked.push(request);
    });
    const to = await holdSlider(page);
    const start = performance.now();
    for (let elapsed = 0; elapsed < 1_000; elapsed = performance.now() - start) {
      await to(0.1 + (0.7 * elapsed) / 1_000);
    }
    await to(0.9);
    await page.mouse.up();
    const took = performance.now() - start;
    const value = await page.locator('#in-groceries').inputValue();
    await until(async () => isGlance(asked.at(-1)!), false);
    await until(() => saysWhatTheServerSays(page, ['headline', 'household-form', ...PANELS]), true);
    // Long enough for one more, if there were one.
    await page.waitForTimeout(400);
    const glances = asked.filter(isGlance);
    expect(glances.length).toBeGreaterThan(1);
    expect(glances.every((request) => fieldsOf(request).get('_open') === 'panel-overview')).toBe(true);
    // At once, steadily, and for where it stopped; the whole takes the place of two where the mouse stood still.
    expect(asked.length).toBeLessThanOrEqual(Math.floor(took / SLIDER_MS) + 3);
    expect(isGlance(asked.at(-1)!)).toBe(false);
    expect(fieldsOf(asked.at(-1)!).get('groceries')).toBe(value);
    expect(await stale(page)).toEqual([]);
  });

  test('a panel that is opened meanwhile is filled at once, and what is not filled yet says so', async () => {
    const page = await session.open();
    await page.locator('.tabs a[href="#panel-change"]').click();
    await page.locator('#goal').fill('15000');
    await until(() => saysWhatTheServerSays(page, PANELS), true);
    await openTab(page, 'panel-overview');

    const restAgain = await neverRest(page);
    const to = await holdSlider(page);
    await to(0.6);
    await until(async () => (await stale(page)).length, 3);
    await until(() => saysWhatTheServerSays(page, ['headline', 'panel-overview']), true);
    await openTab(page, 'panel-change');
    await until(() => saysWhatTheServerSays(page, ['headline', 'panel-change']), true);
    expect(await page.locator('#goal').inputValue()).toBe('15,000');
    expect(await stale(page)).toEqual(['panel-overview', 'panel-spending', 'panel-why']);
    expect(await page.locator('#panel-change .earlier').isVisible()).toBe(false);

    // On paper all panels stand one below the other.
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('#panel-spending .earlier').isVisible()).toBe(true);
    expect(await page.locator('#panel-change .earlier').isVisible()).toBe(false);
    await page.emulateMedia({ media: 'screen' });

    await page.mouse.up();
    await restAgain();
    await page.locator(GROCERIES).press('PageUp');
    await until(async () => (await stale(page)).length, 0);
    await until(() => saysWhatTheServerSays(page, ['headline', 'household-form', ...PANELS]), true);
  });

  test('a panel that is opened while the answer for another is on its way is filled too', async () => {
    const page = await session.open();
    await page.evaluate(() => {
      const open = () => document.querySelector<HTMLElement>('.tabs a[href="#panel-why"]')!.click();
      document.addEventListener('htmx:before:request', open, { once: true });
    });
    const restAgain = await neverRest(page);
    await page.locator(GROCERIES).press('PageUp');
    await until(() => saysWhatTheServerSays(page, ['headline', 'panel-why']), true);
    expect(await stale(page)).toEqual(['panel-overview', 'panel-spending', 'panel-change']);
    await restAgain();
    await page.locator(GROCERIES).press('PageUp');
    await until(async () => (await stale(page)).length, 0);
    await until(() => saysWhatTheServerSays(page, ['headline', ...PANELS]), true);
  });

  test('an open panel from before is readable to all, marked, and follows when the server answers again', async () => {
    const page = await session.open('/', { reducedMotion: 'reduce' });
    const restAgain = await neverRest(page);
    await page.route('**/predict', async (route) => {
      if (fieldsOf(route.request()).get('_open') === 'panel-overview') await route.continue();
      else await route.abort();
    });
    await page.locator(GROCERIES).press('PageUp');
    await until(async () => (await stale(page)).length, 3);
    await openTab(page, 'panel-spending');
    await until(() => page.locator('#household[data-request=failed]').count(), 1);
    expect(await page.locator('#panel-spending .earlier').isVisible()).toBe(true);
    await page.evaluate(axe.source);
    const violations = await page.evaluate(async () =>
      (await (window as never as { axe: typeof axe }).axe.run()).violations.map(({ id }) => id),
    );
    expect(violations).toEqual([]);

    await page.unroute('**/predict');
    await restAgain();
    await page.locator(GROCERIES).press('PageUp');
    await until(() => saysWhatTheServerSays(page, ['headline', ...PANELS]), true);
    expect(await page.locator('#panel-spending .earlier').isVisible()).toBe(false);
    expect(session.troubles().filter((text) => !/ERR_FAILED|Failed to fetch/.test(text))).toEqual([]);
  });
});
