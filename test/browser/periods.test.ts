import { expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { formatFor } from '../../src/views/format.ts';
import { describeInBrowser, figure, shownAmount, until } from './session.ts';

const rupees = formatFor('en-IN', 'INR').money;

describeInBrowser('amounts a week, a month or a year', (session) => {
  const expected = (changes: object) =>
    rupees(session.model.predict({ ...session.model.inputs.defaults(), ...changes }).amount);
  const left = (page: Page) => page.locator('.left-over strong').textContent();
  const period = (page: Page, feature: string) => page.locator(`[name="_per.${feature}"]`);
  const RENT = 2_000;
  /** 2,000 a week, 52.1775 weeks a year. */
  const MONTHLY = 8_696.25;
  const note = (page: Page) => page.locator('#in-rent + .understood').textContent();

  test('a choice keeps what was typed, and changes the answer at once, there and back', async () => {
    const page = await session.open();
    await page.locator('#in-rent').fill(String(RENT));
    await period(page, 'rent').selectOption('week');
    await until(() => note(page), '₹8,696.25 a month');
    await until(() => shownAmount(page), expected({ rent: MONTHLY }));
    expect(await figure(page, 'rent')).toBe(RENT);
    await until(() => left(page), rupees(25_500 - MONTHLY));
    // The slider goes by the same period.
    await page.locator('.slider[data-for="in-rent"]').press('End');
    const most = await figure(page, 'rent');
    expect(most).toBeGreaterThan(10_000);
    expect(most).toBeLessThan(200_000);
    await page.locator('#in-rent').fill(String(RENT));
    for (let i = 0; i < 3; i++) {
      await period(page, 'rent').selectOption('year');
      await until(() => note(page), '₹166.67 a month');
      await period(page, 'rent').selectOption('month');
      await until(() => left(page), '₹23,500');
    }
    expect(await figure(page, 'rent')).toBe(RENT);
  });

  test('an error says the bound in the period that was typed in', async () => {
    const page = await session.open();
    await period(page, 'rent').selectOption('week');
    await page.locator('#in-rent').fill('9999999');
    await until(
      async () => (await page.locator('#in-rent-note').textContent())?.startsWith('Rent, a week: '),
      true,
    );
    expect(await page.locator('#in-rent-note').textContent()).toContain('at most');
  });

  test('a reload, a link, a kept household and what is brought back have the period too', async () => {
    const page = await session.open();
    await page.locator('#in-rent').fill(String(RENT));
    await period(page, 'rent').selectOption('week');
    await until(() => shownAmount(page), expected({ rent: MONTHLY }));
    const holds = async (it: Page) => {
      await until(() => period(it, 'rent').inputValue(), 'week');
      await until(() => figure(it, 'rent'), RENT);
      await until(() => shownAmount(it), expected({ rent: MONTHLY }));
    };
    await page.reload();
    await holds(page);
    await page.locator('button', { hasText: 'Get a link' }).click();
    const link = await page.locator('#link').inputValue();
    expect(new URLSearchParams(new URL(link).hash.slice(1)).getAll('_per.rent')).toEqual(['week']);
    expect(link.match(/_per/g)).toHaveLength(1);
    const other = await session.open('/model');
    await other.goto(link);
    await holds(other);

    await page.locator('button', { hasText: 'Keep this, then change' }).click();
    await until(() => page.locator('.comparison').isVisible(), true);
    await period(page, 'rent').selectOption('month');
    await until(() => left(page), '₹23,500');
    expect(await page.locator('.comparison').textContent()).toContain('Rent₹8,696₹2,000');
    await page.locator('[value="restore-A"]').click();
    await holds(page);

    await page.locator('button', { hasText: 'Start over' }).click();
    await until(() => period(page, 'rent').inputValue(), 'month');
    await until(() => left(page), '₹15,500');
    await page.locator('button', { hasText: 'Bring back' }).click();
    await holds(page);
  });

  test('without JavaScript the button takes the period in', async () => {
    const page = await session.open('/', { javaScriptEnabled: false });
    await page.locator('#in-rent').fill(String(RENT));
    await period(page, 'rent').selectOption('week');
    await page.locator('.form-foot button').click();
    expect(await left(page)).toBe(rupees(25_500 - MONTHLY));
    expect(await figure(page, 'rent')).toBe(RENT);
    expect(await period(page, 'rent').inputValue()).toBe('week');
    expect(await note(page)).toBe('₹8,696.25 a month');
  });
});
