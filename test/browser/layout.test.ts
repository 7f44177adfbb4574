import { expect, test } from 'bun:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { flatten } from '../../src/forest/flatten.ts';
import { compile } from '../../src/forest/predict.ts';
import { Model } from '../../src/model/model.ts';
import { randomForest } from '../forest/random-forest.ts';
import { describeInBrowser, type Session, until } from './session.ts';

/** A model whose amounts have nine digits and a long sign: rupiah. */
function rupiahModel({ manifest, sha256 }: Model): Model {
  const features = manifest.features.map((feature) =>
    feature.role === 'other' ? feature : { ...feature, max: 2e9, unit: 'Rp/month' },
  );
  const target = { ...manifest.target, currency: 'IDR', unit: 'Rp/month' };
  const forest = flatten(
    randomForest(7, { trees: 5, features: manifest.encoding.length, maxDepth: 4, quantiles: true }),
    manifest.encoding.length,
  );
  return new Model({ ...manifest, features, target }, sha256, compile(forest));
}

async function withModel(session: Session, model: Model, use: () => Promise<void>) {
  const { live } = session.deps;
  session.deps.live = { model, state: { ...live.state, model } };
  try {
    await use();
  } finally {
    session.deps.live = live;
  }
}

describeInBrowser('the layout', (session) => {
  async function openWith(figures: Record<string, number>, options: BrowserContextOptions): Promise<Page> {
    const page = await session.open('/', { reducedMotion: 'reduce', ...options });
    for (const [name, value] of Object.entries(figures)) await page.locator(`#in-${name}`).fill(`${value}`);
    await page.locator('.form-foot button').click();
    await until(() => page.evaluate(() => document.activeElement?.id), 'headline');
    return page;
  }

  const expenses = (each: number) =>
    Object.fromEntries(session.model.expenses.map(({ name }) => [name, each]));

  test.each([
    ['the richest', 1_999_999_999, 100_000],
    ['one with nothing to spare', 123_456_789, 10_288_065],
    ['the poorest', 1, 199_999_999],
  ])('words, numbers and chart of the headline stay apart on any screen: %s', async (_, income, each) => {
    await withModel(session, rupiahModel(session.model), async () => {
      const page = await openWith({ income, ...expenses(each) }, { locale: 'id-ID' });
      expect((await page.locator('.figure-large strong').textContent())!.length).toBeGreaterThan(2);
      for (let width = 320; width <= 1600; width += 32) {
        await page.setViewportSize({ width, height: 900 });
        const faults = await page.evaluate(() => {
          const card = document.getElementById('headline')!.getBoundingClientRect();
          const parts = [...document.querySelectorAll('.two-numbers :is(h3, strong, .chip, .plot, .words)')];
          const boxes = parts.map((part) => {
            const range = document.createRange();
            range.selectNodeContents(part);
            const text = part.matches('.plot') ? part.getBoundingClientRect() : range.getBoundingClientRect();
            return { name: part.className.toString() || part.tagName, ...text.toJSON() } as DOMRect & {
              name: string;
            };
          });
          const outside = boxes.filter(
            ({ left, right, top, bottom }) =>
              left < card.left || right > card.right || top < card.top || bottom > card.bottom,
          );
          // A line's box may reach a pixel or two into the next one's.
          const over = boxes.flatMap((a, i) =>
            boxes
              .slice(i + 1)
              .filter(
                (b) =>
                  Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 &&
                  Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4,
              )
              .map((b) => `${a.name} over ${b.name}`),
          );
          const sideways = document.documentElement.scrollWidth - innerWidth;
          return { outside: outside.map(({ name }) => name), over, sideways };
        });
        expect({ width, ...faults }).toEqual({ width, outside: [], over: [], sideways: 0 });
      }
    });
  });

  test('on a phone the parts of the answer are led to from right under it, and stay in reach', async () => {
    const page = await openWith({}, { viewport: { width: 390, height: 844 } });
    const box = async (selector: string) => (await page.locator(selector).boundingBox())!;
    const headline = await box('#headline');
    const tabs = await box('.tabs');
    expect(tabs.y - (headline.y + headline.height)).toBeWithin(0, 24);
    expect(tabs.y).toBeLessThan((await box('#household-form')).y);
    // In reading order too.
    const order = await page
      .locator('#headline, .tabs, #household-form, #answer')
      .evaluateAll((parts) => parts.map((part) => part.id));
    expect(order).toEqual(['headline', 'tabs', 'household-form', 'answer']);

    await page.locator('.tabs a', { hasText: 'Why' }).press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('panel-why');
    const bar = await box('.tabs');
    const panel = await box('#panel-why');
    expect(bar.y).toBe(0);
    expect(panel.y).toBeWithin(bar.height - 1, 422);
    await page.keyboard.press('Shift+Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent?.trim())).toBe(
      'Back to the parts of the answer',
    );
  });

  test('on a wide screen a part that is opened does not move the page', async () => {
    const page = await openWith({}, { viewport: { width: 1440, height: 900 } });
    const before = await page.evaluate(() => scrollY);
    await page.locator('.tabs a', { hasText: 'Why' }).click();
    expect(await page.evaluate(() => scrollY)).toBe(before);
  });

  test('the open part is told apart where the system forces its colours', async () => {
    const page = await session.open('/', { forcedColors: 'active' });
    const look = (selector: string) =>
      page.locator(selector).evaluate((tab) => {
        const { color, backgroundColor } = getComputedStyle(tab);
        return { color, backgroundColor };
      });
    const open = await look('.tabs a[aria-current]');
    const other = await look('.tabs a[href="#panel-why"]');
    expect(open.backgroundColor).not.toBe(other.backgroundColor);
    expect(open.color).not.toBe(open.backgroundColor);
    const ink = await page.evaluate(() => getComputedStyle(document.body).color);
    const words = await page
      .locator('.plot text')
      .evaluateAll((texts) => texts.map((text) => getComputedStyle(text).fill));
    expect(words.filter((colour) => colour !== ink)).toEqual([]);
  });

  test.each(['light', 'dark'] as const)(
    'more contrast is given to whoever asks for it, %s',
    async (colorScheme) => {
      const looks = async (contrast: 'more' | 'no-preference') => {
        const page = await session.open('/', { contrast, colorScheme });
        return page
          .locator('.help, .lead')
          .first()
          .evaluate((words) => {
            const card = getComputedStyle(document.getElementById('headline')!);
            const tab = getComputedStyle(document.querySelector('.tabs a:not([aria-current])')!);
            return {
              ink: getComputedStyle(document.body).color,
              words: getComputedStyle(words).color,
              border: card.borderTopColor,
              tab: tab.color,
            };
          });
      };
      const usual = await looks('no-preference');
      expect(usual.words).not.toBe(usual.ink);
      const strong = await looks('more');
      expect(strong).toEqual({ ink: usual.ink, words: usual.ink, border: usual.ink, tab: usual.ink });
    },
  );

  test('nothing moves for whoever minds that', async () => {
    const page = await session.open('/', { reducedMotion: 'reduce' });
    const moving = await page.evaluate(() =>
      [...document.querySelectorAll('body *')]
        .filter((element) => {
          const { transitionDuration, animationName } = getComputedStyle(element);
          return animationName !== 'none' || transitionDuration.split(', ').some((time) => time !== '0s');
        })
        .map((element) => element.outerHTML.slice(0, 60)),
    );
    expect(moving).toEqual([]);
  });
});
