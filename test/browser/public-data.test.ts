import { afterAll, describe, expect, test } from 'bun:test';
import { saidBy } from '../support/leaks.ts';
import {
  foreignWords,
  loadPublic,
  PUBLIC_SETS,
  removePublicModels,
  requirePublicData,
} from '../support/public-data.ts';
import { describeInBrowser, shownAmount, until } from './session.ts';
import { LOOKS, violationsOf } from './violations.ts';

/** What the page of each says, and a field with what to put in it. */
const PAGES: Record<string, { says: RegExp[]; moved: [field: string, text: string] }> = {
  'budget-uk': { says: [/£[\d,]+\sa week/, /Food/, /Age of the head/], moved: ['#in-income', '400'] },
  'budget-food': { says: [/(?:ESP|₧)\s?[\d,]+\sa year/, /Size of the town/], moved: ['#in-size', '9'] },
  'nox-emissions': { says: [/log ppb/, /Wind/], moved: ['#in-lnoxEm', '5'] },
};

describe.skipIf(!requirePublicData())('pages of public data', () => {
  afterAll(removePublicModels);

  for (const set of PUBLIC_SETS) {
    const { says, moved } = PAGES[set.name]!;
    describeInBrowser(
      set.name,
      (session) => {
        test('is drawn in its own words and units, and axe finds nothing in any part', async () => {
          const page = await session.open('/', { reducedMotion: 'reduce', locale: 'en-GB' });
          const panels = await page
            .locator('.tabs a')
            .evaluateAll((links) => links.map((link) => link.getAttribute('href')));
          expect(panels.length).toBeGreaterThan(1);
          for (const panel of panels) {
            await page.locator(`.tabs a[href="${panel}"]`).click();
            await page.evaluate(() => {
              for (const details of document.querySelectorAll('details')) details.open = true;
            });
            expect([panel, await violationsOf(page, LOOKS.light)]).toEqual([panel, []]);
          }
          const shown = (await page.locator('body').textContent()) ?? '';
          for (const words of says) expect(words.test(shown)).toBe(true);
          expect(foreignWords(set, saidBy(await page.content()))).toEqual([]);
        });

        test('answers what is changed in the form, in the same words', async () => {
          const page = await session.open('/', { reducedMotion: 'reduce', locale: 'en-GB' });
          const before = await shownAmount(page);
          await page.locator(moved[0]).fill(moved[1]);
          await until(async () => (await shownAmount(page)) !== before, true);
          expect(foreignWords(set, saidBy(await page.content()))).toEqual([]);
        });

        test.each(['/model', '/batch'])('%s speaks of this model alone', async (path) => {
          const page = await session.open(path, { locale: 'en-GB' });
          expect(await violationsOf(page, LOOKS.light)).toEqual([]);
          expect(foreignWords(set, saidBy(await page.content()))).toEqual([]);
        });
      },
      () => loadPublic(set),
    );
  }
});
