import { expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { otherModel } from '../support/other-models.ts';
import { describeInBrowser, shownAmount, until } from './session.ts';
import { violationsOf } from './violations.ts';

/** What axe finds by all of its rules in what is shown now, opened, on a phone and on a desk. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(() => {
    for (const details of document.querySelectorAll('details')) details.open = true;
  });
  return await violationsOf(page, { widths: [390, 1440] });
}

for (const name of ['trunks', 'weekly-pounds', 'weekly-budget'] as const) {
  describeInBrowser(
    `the page of ${name}`,
    (session) => {
      test('has nothing that axe finds, in any of its parts', async () => {
        const page = await session.open();
        const parts = await page.locator('.tabs a').count();
        expect(parts).toBe(name === 'weekly-budget' ? 4 : 2);
        for (let part = 0; part < parts; part++) {
          await page.locator('.tabs a').nth(part).click();
          expect([part, await violations(page)]).toEqual([part, []]);
        }
        for (const path of ['/model', '/batch', '/docs']) {
          const other = await session.open(path);
          expect([path, await violations(other)]).toEqual([path, []]);
        }
      });

      test('answers while a slider moves, keeps and brings back', async () => {
        const page = await session.open();
        const [first] = session.model.manifest.features;
        // One panel is open, whichever the model has.
        expect(await page.locator('.panel:visible').count()).toBe(1);
        const before = await shownAmount(page);
        await page.locator('#answer button[value=keep]').click();
        await until(() => page.locator('.kept-name').count(), 1);
        const slider = page.locator(`.slider[data-for="in-${first!.name}"]`);
        await slider.focus();
        await slider.press('End');
        await until(async () => (await shownAmount(page)) !== before, true);
        await until(() => page.locator('.difference').count(), 1);
        await page.locator('button[value=restore-A]').click();
        await until(() => shownAmount(page), before);
      });
    },
    async () => (await otherModel(name)).model,
  );
}

describeInBrowser(
  'figures that are no money',
  (session) => {
    test('move in fine steps, and reach what was asked for', async () => {
      const page = await session.open();
      const height = page.locator('#in-height');
      const slider = page.locator('.slider[data-for="in-height"]');
      await slider.focus();
      await slider.press('Home');
      for (let step = 0; step < 60; step++) await slider.press('ArrowRight');
      const value = Number(await height.inputValue());
      expect([value > 0, Number.isInteger(value)]).toEqual([true, false]);
      const age = page.locator('.slider[data-for="in-age"]');
      await age.focus();
      await age.press('ArrowRight');
      expect(Number.isInteger(Number(await page.locator('#in-age').inputValue()))).toBe(true);
      await until(() => page.locator('.stale:visible').count(), 0);

      await page.locator('.tabs a[href="#panel-change"]').click();
      await page.locator('#goal').fill('0.5');
      await until(() => page.locator('.goal h3').textContent(), 'To reach 0.500 m');
    });
  },
  async () => (await otherModel('trunks')).model,
);
