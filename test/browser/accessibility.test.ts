import { expect, test } from 'bun:test';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { describeInBrowser, shownAmount, until } from './session.ts';

/** Another scheme changes nothing but colours. */
const RULES = {
  light: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] },
  dark: { type: 'rule', values: ['color-contrast'] },
} as const;
const PANELS = ['panel-overview', 'panel-spending', 'panel-why', 'panel-change'];

/** Every violation of the rules in what is shown now, as `rule: element`. */
async function violationsOf(page: Page, rules: (typeof RULES)['light' | 'dark']): Promise<string[]> {
  // What is faded or half drawn is not judged.
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished)));
  return await page.evaluate(async (runOnly) => {
    const report = await window.axe.run({ runOnly, resultTypes: ['violations'] } as never);
    return report.violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.html.slice(0, 120)}`),
    );
  }, rules);
}

declare global {
  interface Window {
    axe: typeof axe;
  }
}

for (const colorScheme of ['light', 'dark'] as const) {
  describeInBrowser(`WCAG 2.2 AA, ${colorScheme}`, (session) => {
    const violations = (page: Page) => violationsOf(page, RULES[colorScheme]);

    async function open(path = '/'): Promise<Page> {
      const page = await session.open(path, { colorScheme, reducedMotion: 'reduce' });
      await page.evaluate(axe.source);
      return page;
    }

    test('every part of an answer, its tables opened', async () => {
      const page = await open();
      for (const panel of PANELS) {
        await page.locator(`.tabs a[href="#${panel}"]`).click();
        await page.evaluate(() => {
          for (const details of document.querySelectorAll('details')) details.open = true;
        });
        expect([panel, await violations(page)]).toEqual([panel, []]);
      }
    });

    test('two households, a link, warnings and overspending', async () => {
      const page = await open();
      await page.locator('button', { hasText: 'Keep this, then change' }).click();
      await until(() => page.locator('.comparison').isVisible(), true);
      await page.locator('button', { hasText: 'Get a link' }).click();
      await page.locator('#in-age').fill('95');
      await page.locator('#in-rent').fill('90000');
      await until(() => shownAmount(page), '₹0');
      expect(await violations(page)).toEqual([]);
    });

    test('an amount with what it is understood as, and one that reads two ways', async () => {
      const page = await open();
      await page.locator('#in-income').fill('1.2 lakh');
      await until(() => page.locator('output[for="in-income"]').textContent(), '₹1,20,000');
      expect(await violations(page)).toEqual([]);
      await page.locator('#in-rent').fill('1.200');
      await until(() => page.locator('#in-rent').getAttribute('aria-invalid'), 'true');
      expect(await violations(page)).toEqual([]);
    });

    test('a refused field beside the answer from before, and a server that does not answer', async () => {
      const page = await open();
      await page.locator('#in-rent').fill('');
      await until(
        () => page.locator('#in-rent-note').textContent(),
        'Rent: please enter a number from 0 to 10000000.',
      );
      await page.evaluate(() => {
        document.getElementById('unanswered')!.hidden = false;
      });
      expect(await violations(page)).toEqual([]);
    });

    test('a refused form as a page of its own', async () => {
      const page = await open();
      await page.locator('#in-rent').fill('');
      // The form as it is sent without htmx.
      await page.evaluate(() => (document.getElementById('household-form') as HTMLFormElement).submit());
      await page.waitForURL('**/predict');
      await page.evaluate(axe.source);
      expect(await page.locator('.refused').isVisible()).toBe(true);
      expect(await violations(page)).toEqual([]);
    });

    test.each(['/model', '/batch'])('%s', async (path) => {
      expect(await violations(await open(path))).toEqual([]);
    });

    test('an address that leads nowhere', async () => {
      const page = await open('/nothing');
      expect(await page.locator('h1').textContent()).toBe('Not found');
      expect(await violations(page)).toEqual([]);
      expect(session.troubles().every((trouble) => trouble.includes('404'))).toBe(true);
    });

    test('waiting for a model', async () => {
      const { live } = session.deps;
      const state = { model: undefined, loadedAt: undefined, stale: undefined, failure: undefined };
      session.deps.live = { model: undefined, state };
      try {
        const page = await open();
        expect(await page.locator('.waiting').isVisible()).toBe(true);
        expect(await violations(page)).toEqual([]);
        expect(session.troubles().every((trouble) => trouble.includes('503'))).toBe(true);
      } finally {
        session.deps.live = live;
      }
    });

    test('a planted fault is seen', async () => {
      const page = await open('/model');
      await page.evaluate(() => {
        const lead = document.querySelector('.lead') as HTMLElement;
        lead.style.color = 'var(--line)';
      });
      expect((await violations(page)).join()).toContain('color-contrast');
    });
  });
}
