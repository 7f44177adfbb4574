import { expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { formatFor } from '../../src/views/format.ts';
import { describeInBrowser, until } from './session.ts';

/** A4 less the margins, at 96 pixels to the inch. */
const SHEET = { width: 703, height: 1031 };

describeInBrowser('an answer on paper', (session) => {
  async function onPaper(page: Page) {
    await page.emulateMedia({ media: 'print' });
    await page.setViewportSize(SHEET);
  }
  const sheets = async (page: Page) =>
    (await page.pdf({ preferCSSPageSize: true })).toString('latin1').match(/\/Type\s*\/Page\b(?!s)/g)?.length;

  test('says when, in which currency, for which goal, and what was put in', async () => {
    const page = await session.open('/', { locale: 'de-DE' });
    const { date, money } = formatFor('de-DE', 'INR');
    // Midnight may pass meanwhile.
    const days = [new Date()];
    await page.locator('#in-rent').fill('12345');
    await page.locator('.tabs a', { hasText: 'What if' }).click();
    await page.locator('#goal').fill('17000');
    await until(() => page.locator('.goal h3').textContent(), `To save ${money(17_000)} a month`);
    days.push(new Date());
    expect(await page.locator('.printed').isVisible()).toBe(false);

    await onPaper(page);
    const printed = (await page.locator('.printed').textContent())!;
    expect(days.map((day) => printed.includes(date(day)))).toContain(true);
    expect(printed).toContain('Indian Rupee (INR), amounts a month');
    expect(printed).toContain(`${money(17_000)} a month`);
    const rows = await page.locator('.printed tbody tr').allInnerTexts();
    expect(rows.length).toBe(session.model.manifest.features.length);
    expect(rows.find((row) => row.startsWith('Rent'))).toContain(money(12_345));
  });

  test('fills a sheet that lies on its side', async () => {
    const page = await session.open();
    await onPaper(page);
    await page.setViewportSize({ width: 1122, height: 703 });
    const edges = await page
      .locator('.headline, .printed, .intro')
      .evaluateAll((parts) => parts.map((part) => Math.round(part.getBoundingClientRect().left)));
    expect(new Set(edges).size).toBe(1);
  });

  test('names no goal that nobody set', async () => {
    const page = await session.open();
    await onPaper(page);
    expect(await page.locator('.printed').textContent()).not.toContain('Goal');
  });

  test('shows the two numbers, then every part in order, and nothing to press', async () => {
    const page = await session.open('/#panel-why');
    await onPaper(page);
    expect(await page.locator('.two-numbers :is(.figure-large, .amount):visible').count()).toBe(2);
    const tops = await page
      .locator('.headline, .printed, .panel > h2')
      .evaluateAll((parts) => parts.map((part) => part.getBoundingClientRect().top));
    expect(tops.length).toBe(6);
    expect(tops).toEqual(tops.toSorted((a, b) => a - b));
    expect(await page.locator('.panel:visible').count()).toBe(4);
    const controls = 'button, input, select, .tabs, .actions, .slider, .site-header';
    expect(await page.locator(`:is(${controls}):visible`).count()).toBe(0);
  });

  test('breaks no chart over two sheets, and stays within a few, with a comparison too', async () => {
    const page = await session.open();
    expect(await sheets(page)).toBeLessThanOrEqual(4);
    await page.locator('button', { hasText: 'Keep this, then change' }).click();
    await until(() => page.locator('.comparison').isVisible(), true);
    for (const { name } of session.model.expenses) await page.locator(`#in-${name}`).fill('4321');
    await until(async () => (await page.locator('.comparison tbody tr').count()) > 10, true);
    await onPaper(page);
    const cards = await page.locator('.card:visible').evaluateAll((all) =>
      all.map((card) => ({
        whole: getComputedStyle(card).breakInside === 'avoid',
        height: card.getBoundingClientRect().height,
        sideways: card.scrollWidth - card.clientWidth,
      })),
    );
    expect(cards.length).toBeGreaterThan(10);
    expect(
      cards.filter(({ whole, height, sideways }) => !whole || height > SHEET.height || sideways > 0),
    ).toEqual([]);
    expect(await sheets(page)).toBeLessThanOrEqual(5);
  });
});
