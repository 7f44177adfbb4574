import { expect, test } from 'bun:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { describeInBrowser, shownAmount, until } from './session.ts';
import { LOOKS, violationsOf } from './violations.ts';

const PANELS = ['panel-overview', 'panel-spending', 'panel-why', 'panel-change'];

for (const colorScheme of ['light', 'dark'] as const) {
  describeInBrowser(`WCAG 2.2 AA, ${colorScheme}`, (session) => {
    const violations = (page: Page) => violationsOf(page, LOOKS[colorScheme]);

    async function open(path = '/', options: BrowserContextOptions = {}): Promise<Page> {
      const page = await session.open(path, { colorScheme, reducedMotion: 'reduce', ...options });
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

    test('four households side by side', async () => {
      const page = await open();
      for (const [rent, count] of [
        ['9000', 1],
        ['8000', 2],
        ['7000', 3],
      ] as const) {
        await page.locator('#in-rent').fill(rent);
        await page.locator('#answer button[value=keep]').click();
        await until(() => page.locator('.kept-name').count(), count);
      }
      // What the form's foot covers by half is taken for small.
      await page.evaluate(() => scrollTo(0, 0));
      expect(await violations(page)).toEqual([]);
    });

    test('two households, a link, warnings, overspending and where to turn', async () => {
      session.deps.help = { text: 'Advice: 1800 000 000.', link: 'https://advice.example/' };
      const page = await open();
      await page.locator('button', { hasText: 'Keep this, then change' }).click();
      await until(() => page.locator('.comparison').isVisible(), true);
      await page.locator('button', { hasText: 'Get a link' }).click();
      await page.locator('#remember-choice').check();
      await page.locator('#in-age').fill('95');
      await page.locator('#in-rent').fill('90000');
      await until(() => shownAmount(page), '₹0');
      expect(await page.locator('.help-line a').isVisible()).toBe(true);
      expect(await violations(page)).toEqual([]);
      session.deps.help = undefined;
    });

    test('a household beyond what the model has seen, in every panel', async () => {
      const page = await open();
      await page.locator('#in-income').fill('5000000');
      await until(() => page.locator('.beyond').count(), 1);
      for (const panel of PANELS) {
        await page.locator(`.tabs a[href="#${panel}"]`).click();
        expect([panel, await violations(page)]).toEqual([panel, []]);
      }
    });

    test('an example with a way back, another period, and folded groups', async () => {
      const page = await open();
      await page.locator('button:visible', { hasText: 'Well off' }).click();
      await until(() => page.locator('#before').isVisible(), true);
      await page.locator('[name="_per.rent"]').evaluate((select: HTMLSelectElement) => {
        select.value = 'week';
      });
      await page.locator('.group > summary').first().click();
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

    test('a refused field beside the answer from before', async () => {
      const page = await open();
      await page.locator('#in-rent').fill('');
      await until(
        () => page.locator('#in-rent-note').textContent(),
        'Rent: please enter a number from 0 to 1,00,00,000.',
      );
      expect(await violations(page)).toEqual([]);
    });

    test('a question that is slow, and one that failed', async () => {
      const page = await open();
      const said = page.locator('#request-state');
      let answer = () => {};
      const waited = new Promise<void>((resolve) => {
        answer = resolve;
      });
      await page.route('**/predict', async (route) => {
        await waited;
        await route.fulfill({ status: 500 });
      });
      await page.locator('#in-rent').fill('12000');
      await until(() => said.textContent(), 'Still working…');
      expect(await violations(page)).toEqual([]);
      answer();
      await until(async () => (await said.textContent())?.startsWith('No answer came'), true);
      expect(await violations(page)).toEqual([]);
      expect(session.troubles().every((trouble) => trouble.includes('500'))).toBe(true);
    });

    test('a goal that is out of reach', async () => {
      const page = await open('/#panel-change');
      await page.locator('#goal').fill('9999999');
      await until(async () => (await page.locator('.goal h3').textContent())?.includes('99,99,999'), true);
      expect(await violations(page)).toEqual([]);
    });

    test('more contrast', async () => {
      expect(await violations(await open('/', { contrast: 'more' }))).toEqual([]);
    });

    // axe does not know the colours that a system forces on a button; those are the system's own matter.
    test.skipIf(colorScheme === 'dark')('forced colours', async () => {
      expect(await violations(await open('/', { forcedColors: 'active' }))).toEqual([]);
    });

    test('a refused form as a page of its own', async () => {
      const page = await open();
      await page.locator('#in-rent').fill('');
      // The form as it is sent without htmx.
      await page.evaluate(() => (document.getElementById('household-form') as HTMLFormElement).submit());
      await page.waitForURL('**/predict');
      expect(await page.locator('.refused').isVisible()).toBe(true);
      expect(await violations(page)).toEqual([]);
    });

    test.each(['/model', '/batch', '/docs'])('%s', async (path) => {
      const page = await open(path);
      await page.evaluate(() => {
        for (const details of [...document.querySelectorAll('details')].slice(0, 12)) details.open = true;
      });
      expect(await violations(page)).toEqual([]);
      await page.setViewportSize({ width: 320, height: 900 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
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
