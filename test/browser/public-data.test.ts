import { afterAll, describe, expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { loadPublic, PUBLIC_SETS, removePublicModels, requirePublicData } from '../support/public-data.ts';
import { describeInBrowser, shownAmount, until } from './session.ts';
import { LOOKS, violationsOf } from './violations.ts';

/** What the page of each must say, and must not. */
const PAGES: Record<string, { says: RegExp[]; never: RegExp[]; moved: [string, string] }> = {
  'budget-uk': {
    says: [/£[\d,]+ ?a week/, /£/, /Food/, /Age of the head/],
    never: [],
    moved: ['#in-income', '400'],
  },
  'budget-food': {
    says: [/(?:ESP|₧)\s?[\d,]+ ?a year/, /Size of the town/],
    never: [/\bsavings?\b/i, /left over/i, /income/i],
    moved: ['#in-size', '9'],
  },
  'nox-emissions': {
    says: [/log ppb/, /Wind/],
    never: [/\bsavings?\b/i, /left over/i, /income/i, /household/i, /a year/, /XXX|¤|£|€|\$/],
    moved: ['#in-lnoxEm', '5'],
  },
};
/** Of the savings model, and of no other. */
const FOREIGN = [/rupee/i, /₹|INR/, /\bmonth/i, /undefined|NaN|\[object/];

/** All that a page says but for the lists to choose from, among them periods. */
async function textOf(page: Page): Promise<string> {
  return await page.evaluate(() => {
    const body = document.body.cloneNode(true) as HTMLElement;
    for (const list of body.querySelectorAll('select, script, style, template')) list.remove();
    return `${document.title} ${body.textContent}`;
  });
}

function expectWords(name: string, text: string): void {
  const told = [...PAGES[name]!.never, ...FOREIGN].flatMap((word) => {
    const found = text.match(new RegExp(`.{0,60}${word.source}.{0,60}`, word.flags));
    return found === null ? [] : [found[0]];
  });
  expect(told).toEqual([]);
}

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
          const text = await textOf(page);
          for (const word of says) expect(text).toMatch(word);
          expectWords(set.name, text);
        });

        test('answers what is changed in the form, in the same words', async () => {
          const page = await session.open('/', { reducedMotion: 'reduce', locale: 'en-GB' });
          const before = await shownAmount(page);
          await page.locator(moved[0]).fill(moved[1]);
          await until(async () => (await shownAmount(page)) !== before, true);
          expectWords(set.name, await textOf(page));
        });

        test.each(['/model', '/batch'])('%s speaks of this model alone', async (path) => {
          const page = await session.open(path, { locale: 'en-GB' });
          expect(await violationsOf(page, LOOKS.light)).toEqual([]);
          expectWords(set.name, await textOf(page));
        });
      },
      () => loadPublic(set),
    );
  }
});
