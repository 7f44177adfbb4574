import { expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { describeInBrowser, figure, shownAmount, until } from './session.ts';

describeInBrowser('what this device remembers', (session) => {
  const choice = (page: Page) => page.locator('#remember-choice');
  const said = (page: Page) => page.locator('#remember [role=status]').textContent();
  const held = (page: Page) =>
    page.evaluate((): Record<string, string> => Object.fromEntries(Object.entries(localStorage)));
  const income = (page: Page) => figure(page, 'income');
  /** A tab of its own: it shares nothing with the first but what the device holds. */
  const comeBack = async (page: Page, path = '/') => {
    const other = await page.context().newPage();
    await other.goto(session.url + path);
    return other;
  };
  const openRemembered = async (figure = '91234') => {
    const page = await session.open();
    await page.locator('#in-income').fill(figure);
    await choice(page).check();
    await until(() => said(page), 'Remembered on this device, from now on.');
    return page;
  };

  test('is nothing until one asks for it', async () => {
    const page = await session.open();
    expect(await choice(page).isChecked()).toBe(false);
    await page.locator('#in-income').fill('91234');
    await page.locator('.form-foot button').click();
    await until(() => page.evaluate(() => document.activeElement?.id), 'headline');
    expect(await held(page)).toEqual({});
    expect(await income(await comeBack(page))).toBe(50_000);
  });

  test('is the form with what is kept beside it, as it was last, and is in no address', async () => {
    const page = await openRemembered();
    await page.locator('button', { hasText: 'Keep this, then change' }).click();
    await page.locator('#kept-name-A').fill('As it is');
    await page.locator('#in-rent').fill('8123');
    const other = await page.context().newPage();
    const asked: string[] = [];
    other.on('request', (request) => asked.push(request.url()));
    await other.goto(session.url);
    await until(() => income(other), 91_234);
    await until(() => other.locator('.comparison thead th').nth(1).textContent(), 'As it is');
    expect(await figure(other, 'rent')).toBe(8_123);
    expect(await said(other)).toBe('Filled in from what this device remembers.');
    expect(await choice(other).isChecked()).toBe(true);
    expect(asked.filter((url) => /91234|8123/.test(url))).toEqual([]);
  });

  test.each([
    ['unticked', (page: Page) => choice(page).uncheck()],
    ['erased', (page: Page) => page.locator('#remember-erase').click()],
  ])('is gone with one click: %s', async (_, forget) => {
    const page = await openRemembered();
    const other = await comeBack(page);
    await until(() => choice(other).isChecked(), true);
    await forget(page);
    expect(await held(page)).toEqual({});
    expect(await choice(page).isChecked()).toBe(false);
    expect(await page.locator('#remember-erase').isVisible()).toBe(false);
    expect(await said(page)).toBe('Erased from this device.');
    // Another tab learns of it, and does not write it again.
    await until(() => choice(other).isChecked(), false);
    await other.locator('#in-rent').fill('7000');
    await other.locator('.form-foot button').click();
    await until(() => other.evaluate(() => document.activeElement?.id), 'headline');
    expect(await held(page)).toEqual({});
  });

  test('is gone when one starts over', async () => {
    const page = await openRemembered();
    await page.locator('button', { hasText: 'Start over' }).click();
    await until(() => income(page), 50_000);
    expect(await held(page)).toEqual({});
    expect(await choice(page).isChecked()).toBe(false);
    // What can be brought back in this tab is not remembered either.
    await page.locator('#before button').click();
    await until(() => income(page), 91_234);
    expect(await held(page)).toEqual({});
  });

  test('stays ticked through answers, and gives way to figures of the tab or of a link', async () => {
    const page = await openRemembered();
    const before = await shownAmount(page);
    await page.locator('#in-income').fill('30000');
    await until(async () => (await shownAmount(page)) !== before, true);
    expect(await choice(page).isChecked()).toBe(true);
    const other = await comeBack(page, '/#income=77123');
    await until(() => income(other), 77_123);
    expect(await said(other)).toBe('');
    // What only came by a link is not remembered in the place of one's own.
    await until(() => other.locator('#household').getAttribute('data-example'), null);
    expect(JSON.stringify(await held(page))).toMatch(/income=30(%2C)?000/);
  });

  test('fills what the form still has, and leaves out what it does not know or reads otherwise', async () => {
    const page = await openRemembered();
    const rewrite = async (change: (figures: URLSearchParams) => void) => {
      const figures = new URLSearchParams((await held(page)).household);
      change(figures);
      await page.evaluate((text) => localStorage.setItem('household', text), figures.toString());
      return await comeBack(page);
    };
    const changed = await rewrite((figures) => {
      figures.delete('rent');
      figures.set('pets', '3');
      figures.set('_keptA', 'income=1');
      figures.set('age', '44');
    });
    await until(() => income(changed), 91_234);
    expect(await figure(changed, 'rent')).toBe(10_000);
    expect(await figure(changed, 'age')).toBe(44);
    await until(() => changed.locator('#household').getAttribute('data-example'), null);
    expect(await changed.locator('.comparison').count()).toBe(0);
    await changed.close();
    const elsewhere = await rewrite((figures) => figures.set('_in', '€/year en-IN'));
    expect(await said(elsewhere)).toBe(
      'The figures that this device remembers are in another unit or language, so they are left out.',
    );
    expect(await income(elsewhere)).toBe(50_000);
  });

  test('holds nothing of what stood in the form before', async () => {
    const page = await openRemembered();
    await page.locator('button', { hasText: 'Start over' }).click();
    await page.locator('#before').waitFor();
    await choice(page).check();
    await until(async () => 'household' in (await held(page)), true);
    expect(JSON.stringify(await held(page))).not.toMatch(/_before|91(%2C|%252C)?234/);
  });

  test('is left out for a reader who writes numbers in another way', async () => {
    const page = await session.open('/', { locale: 'de-DE' });
    await page.locator('#in-income').fill('60.000');
    await choice(page).check();
    const text = (await held(page)).household;
    const other = await session.open();
    await other.evaluate((figures) => localStorage.setItem('household', figures), text);
    const again = await comeBack(other);
    expect(await said(again)).toContain('another unit or language');
    expect(await income(again)).toBe(50_000);
  });

  const NOTHING = 'Nothing is remembered: this browser allows this page no storage, or has no room left.';

  test('is nothing where a browser forbids it, and says so', async () => {
    const page = await session.open('/model');
    await page.addInitScript(() => {
      for (const name of ['localStorage', 'sessionStorage']) {
        Object.defineProperty(window, name, {
          get() {
            throw new DOMException('Access is denied for this document.', 'SecurityError');
          },
        });
      }
    });
    await page.goto(session.url);
    const before = await shownAmount(page);
    await choice(page).click();
    await until(() => said(page), NOTHING);
    expect(await choice(page).isChecked()).toBe(false);
    await page.locator('#in-income').fill('91234');
    await until(async () => (await shownAmount(page)) !== before, true);
  });

  test('is nothing where there is no room, and says so', async () => {
    const page = await session.open();
    await page.evaluate(() => {
      for (const storage of [localStorage, sessionStorage]) {
        for (let size = 4_194_304; size >= 1; size /= 2) {
          try {
            for (let i = 0; ; i++) storage.setItem(`${size}-${i}`, 'x'.repeat(size));
          } catch {
            // Full, but for what is smaller.
          }
        }
      }
    });
    const before = await shownAmount(page);
    await choice(page).click();
    await until(() => said(page), NOTHING);
    expect(await choice(page).isChecked()).toBe(false);
    await page.locator('#in-income').fill('91234');
    await until(async () => (await shownAmount(page)) !== before, true);
    expect(await page.evaluate(() => localStorage.getItem('household'))).toBe(null);
  });

  test('is not offered without JavaScript', async () => {
    const page = await session.open('/', { javaScriptEnabled: false });
    expect(await page.locator('#remember').isVisible()).toBe(false);
  });
});
