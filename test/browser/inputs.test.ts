import { expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { formatFor } from '../../src/views/format.ts';
import { describeInBrowser, figure, shownAmount, typedFigures, until } from './session.ts';

const rupees = formatFor('en-IN', 'INR').money;
const PHONE = { hasTouch: true, isMobile: true, viewport: { width: 390, height: 800 } };
const GROCERIES = '.slider[data-for="in-groceries"]';

describeInBrowser('the inputs of the page', (session) => {
  const showsItsFigures = async (page: Page) =>
    until(
      async () =>
        (await shownAmount(page)) === rupees(session.model.predict(await typedFigures(page)).amount),
      true,
    );
  /** With all its groups open, which are folded on a phone. */
  const openOnPhone = async () => {
    const page = await session.open('/', PHONE);
    await page.locator('.group').evaluateAll((groups) => {
      for (const group of groups) (group as HTMLDetailsElement).open = true;
    });
    return page;
  };
  const groceries = (page: Page) => figure(page, 'groceries');
  const scrolled = (page: Page) => page.evaluate(() => window.scrollY);
  /** The middle of an element's height, at a share of its width, once it is in the middle of the screen. */
  async function pointOn(page: Page, selector: string, share: number) {
    const element = page.locator(selector);
    await element.evaluate((it) => it.scrollIntoView({ block: 'center', behavior: 'instant' }));
    const { x, y, width, height } = (await element.boundingBox())!;
    return { x: x + width * share, y: y + height / 2 };
  }

  /** A finger as the screen reports it: the browser itself decides whether it scrolls. */
  async function swipe(page: Page, from: { x: number; y: number }, dx: number, dy: number) {
    const screen = await page.context().newCDPSession(page);
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', touchPoints: { x: number; y: number }[]) =>
      screen.send('Input.dispatchTouchEvent', { type, touchPoints });
    await touch('touchStart', [from]);
    for (let step = 1; step <= 10; step++) {
      await touch('touchMove', [{ x: from.x + (dx * step) / 10, y: from.y + (dy * step) / 10 }]);
    }
    await touch('touchEnd', []);
    await screen.detach();
  }

  test('a finger that scrolls over a slider leaves its figure as it was typed', async () => {
    const page = await openOnPhone();
    // No position of the slider stands for this amount.
    await page.locator('#in-groceries').fill('6251');
    const position = await page.locator(GROCERIES).inputValue();
    await page.evaluate(() => {
      const seen = { cancelled: 0, moved: 0 };
      Object.assign(window, { seen });
      document.addEventListener('pointercancel', () => seen.cancelled++);
      document.addEventListener('input', ({ target }) => {
        if ((target as Element).matches('.slider')) seen.moved++;
      });
    });
    const swipes = [
      [0, -150],
      [0, 150],
      [40, -150],
      [-60, -120],
    ] as const;
    for (const [dx, dy] of swipes) {
      const from = await pointOn(page, GROCERIES, 0.8);
      const before = await scrolled(page);
      await swipe(page, from, dx, dy);
      await until(async () => (await scrolled(page)) !== before, true);
      await until(() => groceries(page), 6251);
      expect(await page.locator(GROCERIES).inputValue()).toBe(position);
      expect(await page.locator(GROCERIES).getAttribute('aria-valuetext')).toBe(rupees(6_251));
    }
    const seen = await page.evaluate(
      () => (window as never as { seen: { cancelled: number; moved: number } }).seen,
    );
    expect(seen.cancelled).toBe(swipes.length);
    // A browser under load may see that a finger scrolls before it moves the slider, but not each time.
    expect(seen.moved).toBeGreaterThan(0);
    await showsItsFigures(page);
    // The number can be changed as before.
    for (const [key, then] of [
      ['End', 6_251],
      ['0', 62_510],
      ['Backspace', 6_251],
    ] as const) {
      await page.locator('#in-groceries').press(key);
      expect(await groceries(page)).toBe(then);
    }
    await page.reload();
    await until(() => groceries(page), 6251);
  });

  test('a finger that moves along a slider, or taps it, changes it', async () => {
    const page = await openOnPhone();
    await swipe(page, await pointOn(page, GROCERIES, 0.4), 150, 20);
    await until(async () => (await groceries(page)) > 20_000, true);
    await showsItsFigures(page);
    const { x, y } = await pointOn(page, GROCERIES, 0);
    await page.touchscreen.tap(x + 1, y);
    await until(() => groceries(page), 0);
    await showsItsFigures(page);
  });

  test('an answer that comes late takes nothing back from a slider that went on', async () => {
    const page = await session.open();
    const answers: (() => void)[] = [];
    await page.route('**/predict', async (route) => {
      if (answers.length < 3) await new Promise<void>((resolve) => answers.push(resolve));
      await route.continue().catch(() => {});
    });
    const slider = page.locator(GROCERIES);
    for (const press of ['End', 'Home', 'PageUp']) {
      const before = answers.length;
      await slider.press(press);
      await until(async () => answers.length, before + 1);
    }
    // The last one is answered first.
    answers[2]();
    await showsItsFigures(page);
    const shown = await shownAmount(page);
    answers[0]();
    answers[1]();
    await page.waitForTimeout(300);
    expect(await shownAmount(page)).toBe(shown);
    await showsItsFigures(page);
  });

  test.each(['#in-groceries', GROCERIES, '#goal'])(
    'the wheel over a focused %s scrolls the page and changes nothing',
    async (selector) => {
      const page = await session.open('/#panel-change');
      await page.locator('#goal').fill('9000');
      await showsItsFigures(page);
      const field = page.locator(selector);
      await field.focus();
      const value = await field.inputValue();
      for (const by of [120, -120]) {
        const { x, y } = await pointOn(page, selector, 0.5);
        await page.mouse.move(x, y);
        const before = await scrolled(page);
        await page.mouse.wheel(0, by);
        await until(async () => Math.sign((await scrolled(page)) - before), Math.sign(by));
        expect(await field.inputValue()).toBe(value);
      }
      // Whoever types goes on where they were.
      await until(() => field.evaluate((it) => it === document.activeElement), true);
    },
  );
});
