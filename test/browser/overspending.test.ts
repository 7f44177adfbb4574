import { afterEach, expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { describeInBrowser, until } from './session.ts';

const HELP = { text: 'Free advice on debts: 1800 000 000.', link: 'https://advice.example/debts' };

describeInBrowser('a household that overspends', (session) => {
  afterEach(() => {
    session.deps.help = undefined;
  });

  /** ₹19,500 short, by the model's own proposals but for the rent. */
  async function overspend(javaScriptEnabled: boolean): Promise<Page> {
    const page = await session.open('/', { javaScriptEnabled });
    await page.locator('#in-rent').fill('45000');
    if (!javaScriptEnabled) await page.locator('.form-foot button').click();
    await until(() => page.locator('.overspent').isVisible(), true);
    return page;
  }
  const textOf = async (page: Page, selector: string) => (await page.locator(selector).textContent()) ?? '';
  const sizeOf = (page: Page, selector: string) =>
    page.locator(selector).evaluate((element) => Number.parseFloat(getComputedStyle(element).fontSize));

  test('sees the shortfall largest, what would close it, and what could fall first', async () => {
    const page = await overspend(true);
    expect(await textOf(page, '.left-over strong')).toBe('₹19,500');
    expect(await sizeOf(page, '.left-over strong')).toBeGreaterThan(await sizeOf(page, '.amount strong'));
    const tips = await textOf(page, '.tips');
    expect(tips).toContain('every expense falls by 28.1%, or when ₹19,500 more comes in a month');
    expect(tips).toContain('Eating out and Entertainment: ₹3,500 a month');
    expect(await textOf(page, '#panel-overview')).toContain('₹2,34,000 more owed');
    const all = (await textOf(page, '#headline')) + (await textOf(page, '#answer'));
    expect(all).not.toMatch(/To save|a tenth of income|a fifth of income|reserve for/);

    await page.locator('.tabs a[href="#panel-change"]').click();
    expect(await page.locator('[id^="sweep-"]').count()).toBe(0);
    const rows = page.locator('#panel-change tbody tr');
    expect(await rows.locator('th').allTextContents()).toEqual([
      'Eating out',
      'Entertainment',
      'Rent',
      'Groceries',
      'Education',
      'Transport',
      'Utilities',
      'Healthcare',
      'Insurance',
      'Everything else',
    ]);
    expect(await rows.nth(2).locator('td').allTextContents()).toEqual(['₹4,500', '₹54,000', '₹15,000']);
  });

  test('has no axis of a rupee or two, however little is left or missing', async () => {
    const page = await session.open();
    for (const rent of [25_499, 25_500, 25_501, 26_000]) {
      await page.locator('#in-rent').fill(String(rent));
      const missing = rent > 25_500;
      await until(() => page.locator('.overspent').isVisible(), missing);
      await until(
        () => textOf(page, '.left-over strong'),
        `₹${Math.abs(25_500 - rent).toLocaleString('en-IN')}`,
      );
      const ticks = await page.locator('#projection text').allTextContents();
      const amounts = ticks.filter((text) => text.includes('₹'));
      // A few different ones, or no chart at all.
      expect(new Set(amounts).size).toBe(amounts.length);
      expect(amounts.length).not.toBe(1);
    }
  });

  test.each([true, false])(
    'is told where to turn where the deployment says so, scripts %p',
    async (scripts) => {
      expect(await (await overspend(scripts)).locator('.help-line').count()).toBe(0);
      session.deps.help = HELP;
      const page = await overspend(scripts);
      expect(await textOf(page, '.help-line')).toBe(`${HELP.text} advice.example`);
      expect(await textOf(page, '.tips dl > div:last-child')).toContain(HELP.text);
      expect(await page.locator('.help-line a').getAttribute('href')).toBe(HELP.link);
      // Gone with the gap.
      await page.locator('#in-rent').fill('10000');
      if (!scripts) await page.locator('.form-foot button').click();
      await until(() => page.locator('.help-line').count(), 0);
      expect(await page.content()).not.toContain('1800 000 000');
    },
  );
});
