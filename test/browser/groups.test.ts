import { expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { describeInBrowser, shownAmount, until } from './session.ts';

const PHONE = { viewport: { width: 390, height: 800 } };

describeInBrowser('groups of inputs, and the headline beside them', (session) => {
  const open = (page: Page) => page.locator('.group[open] legend').allTextContents();
  const summary = (page: Page, name: string) => page.locator('.group > summary', { hasText: name });

  test('are all open on a wide screen, each with what its expenses come to', async () => {
    const page = await session.open();
    const groups = [...new Set(session.model.manifest.features.map(({ group }) => group))];
    expect(await open(page)).toEqual(groups);
    expect(await summary(page, 'Personal').locator('.subtotal').count()).toBe(0);
    expect(await summary(page, 'Daily').locator('.subtotal').textContent()).toBe('₹9,500 a month');
    await page.locator('#in-groceries').fill('10000');
    await until(() => summary(page, 'Daily').locator('.subtotal').textContent(), '₹13,250 a month');
  });

  test('fold on a phone, stay as they were put, and open where a field needs attention', async () => {
    const page = await session.open('/', PHONE);
    expect(await open(page)).toEqual(['Personal']);
    expect(await page.locator('#household-form').evaluate((form) => form.scrollHeight)).toBeLessThan(1_300);
    await summary(page, 'Daily').click();
    await page.locator('#in-groceries').fill('9000');
    await until(() => summary(page, 'Daily').locator('.subtotal').textContent(), '₹12,250 a month');
    expect(await open(page)).toEqual(['Personal', 'Daily']);
    await page.locator('#in-groceries').fill('');
    await until(() => page.locator('#in-groceries').getAttribute('aria-invalid'), 'true');
    await summary(page, 'Daily').click();
    await page.locator('.form-foot button').click();
    await until(() => page.evaluate(() => document.activeElement?.id), 'in-groceries');
    expect(await open(page)).toEqual(['Personal', 'Daily']);
    await page.setViewportSize({ width: 1280, height: 800 });
    await until(async () => (await open(page)).length, 6);
  });

  test('are all open on a phone without JavaScript, and can be folded', async () => {
    const page = await session.open('/', { ...PHONE, javaScriptEnabled: false });
    expect((await open(page)).length).toBe(6);
    await summary(page, 'Daily').click();
    expect(await page.locator('#in-groceries').isVisible()).toBe(false);
    await page.locator('.form-foot button').click();
    expect(await shownAmount(page)).not.toBe('');
  });

  test('the headline stays in view while the form is filled, and leaves a low window alone', async () => {
    const page = await session.open('/', { viewport: { width: 1280, height: 800 } });
    const headline = () => page.locator('#headline').evaluate((it) => it.getBoundingClientRect().top);
    const toLastField = () =>
      page.locator('#in-education').evaluate((field) => field.scrollIntoView({ block: 'center' }));
    await toLastField();
    const top = await headline();
    expect(top).toBeGreaterThanOrEqual(0);
    expect(top).toBeLessThan(40);
    const height = await page.locator('#headline').evaluate((it) => it.clientHeight);
    expect(height).toBeLessThan(800 * 0.4);
    // Whoever goes back with the keyboard sees what has the focus.
    for (const id of ['goal', 'in-groceries', 'in-income']) {
      await page.locator('.tabs a', { hasText: 'What if' }).click();
      const seen = await page.locator(`#${id}`).evaluate((element) => {
        (element as HTMLElement).focus();
        const { left, top, width, height } = element.getBoundingClientRect();
        return element.contains(document.elementFromPoint(left + width / 2, top + height / 2));
      });
      expect([id, seen]).toEqual([id, true]);
    }
    await page.setViewportSize({ width: 1280, height: 500 });
    await toLastField();
    expect(await headline()).toBeLessThan(0);
  });
});
