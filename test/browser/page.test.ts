import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { formatFor } from '../../src/views/format.ts';
import { describeInBrowser, figure, shownAmount, typedFigures, until } from './session.ts';

const rupees = formatFor('en-IN', 'INR').money;

describeInBrowser('the page', (session) => {
  const predicted = (figures: Record<string, number>) => rupees(session.model.predict(figures).amount);
  const showsItsFigures = async (page: Page) =>
    until(async () => (await shownAmount(page)) === predicted(await typedFigures(page)), true);

  test('shows one part at a time, and the address says which', async () => {
    const page = await session.open();
    const open = async () => await page.locator('.panel:visible').evaluateAll((panels) => panels[0]?.id);
    expect(await page.locator('.panel:visible').count()).toBe(1);
    expect(await open()).toBe('panel-overview');
    await page.locator('.tabs a', { hasText: 'Why' }).press('Enter');
    expect(await open()).toBe('panel-why');
    expect(new URL(page.url()).hash).toBe('#panel-why');
    await page.reload();
    expect(await open()).toBe('panel-why');
    expect(await page.locator('.tabs [aria-current]').textContent()).toBe('Why');
  });

  test('keeps figures through back, forward and reload, until one starts over', async () => {
    const page = await session.open();
    await page.locator('#in-income').fill('91000');
    await showsItsFigures(page);
    await page.locator('.site-header a', { hasText: 'The model' }).click();
    expect(await page.locator('h1').textContent()).toContain('The model');
    await page.goBack();
    await until(() => figure(page, 'income'), 91_000);
    await showsItsFigures(page);
    await page.goForward();
    expect(await page.locator('h1').textContent()).toContain('The model');
    await page.goBack();
    await page.reload();
    await until(() => figure(page, 'income'), 91_000);
    await showsItsFigures(page);
    await page.locator('button', { hasText: 'Start over' }).click();
    await until(() => figure(page, 'income'), 50_000);
    expect(await page.locator('#headline').textContent()).toContain('An example household');
  });

  test('keeps one household beside another, and brings it back over what was typed', async () => {
    const page = await session.open();
    await page.locator('#in-rent').fill('12000');
    await page.locator('button', { hasText: 'Keep this, then change' }).click();
    await until(() => page.locator('.comparison').isVisible(), true);
    await page.locator('#in-rent').fill('16000');
    await until(() => page.locator('.comparison tbody tr').last().textContent(), 'Rent₹12,000₹16,000+₹4,000');
    await page.reload();
    await until(() => page.locator('.comparison tbody tr').last().textContent(), 'Rent₹12,000₹16,000+₹4,000');
    await page.locator('button', { hasText: 'Bring back' }).click();
    await until(() => figure(page, 'rent'), 12_000);
    await showsItsFigures(page);
    await page.locator('button', { hasText: 'Remove' }).click();
    await until(() => page.locator('.comparison').count(), 0);
  });

  test('keeps three households by name, through a reload, and nothing of them in an address', async () => {
    const page = await session.open();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    const heads = () => page.locator('.comparison thead th').allTextContents();
    const headsBecome = (wanted: string) => until(async () => (await heads()).join(), wanted);
    const rent = (text: string) => page.locator('#in-rent').fill(text);
    await page.locator('button', { hasText: 'Keep this, then change' }).click();
    await page.locator('#kept-name-A').waitFor();
    await rent('11111');
    await page.locator('button', { hasText: 'Keep this too' }).click();
    await headsBecome('Figure,A,B,Now');
    await rent('12222');
    await page.locator('button', { hasText: 'Keep this too' }).click();
    await headsBecome('Figure,A,B,C,Now');
    expect(await page.locator('#answer button[value=keep]').count()).toBe(0);
    await page.locator('#kept-name-B').fill('Smaller flat');
    // What is typed there outlives an answer that comes meanwhile.
    await rent('13333');
    await until(
      () => page.locator('.comparison tbody tr').last().textContent(),
      'Rent₹10,000₹11,111₹12,222₹13,333',
    );
    expect(await page.locator('#kept-name-B').inputValue()).toBe('Smaller flat');
    await page.locator('#kept-B button', { hasText: 'Rename' }).click();
    await headsBecome('Figure,A,Smaller flat,C,Now');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('comparison');
    await page.reload();
    await headsBecome('Figure,A,Smaller flat,C,Now');
    await page.locator('#kept-A button', { hasText: 'Remove' }).click();
    await headsBecome('Figure,Smaller flat,C,Now');
    expect(
      await page
        .locator('.kept-name')
        .evaluateAll((all) => all.map((one) => (one as HTMLInputElement).value)),
    ).toEqual(['Smaller flat', 'C']);
    await page.locator('#kept-B button', { hasText: 'Bring back' }).click();
    await until(() => figure(page, 'rent'), 11_111);
    expect(asked.filter((url) => /11111|Smaller|_kept/.test(url))).toEqual([]);
  });

  test('saves the answer and what is kept beside it as a file, and stays where it is', async () => {
    const page = await session.open();
    await page.locator('button', { hasText: 'Keep this, then change' }).click();
    await page.locator('#kept-name-A').fill('Now');
    await page.locator('#in-rent').fill('12345');
    const save = page.getByRole('button', { name: 'Download as CSV' });
    const [download] = await Promise.all([page.waitForEvent('download'), save.click()]);
    expect(download.suggestedFilename()).toBe('savings-result.csv');
    expect(readFileSync((await download.path())!, 'utf8')).toContain('Rent,₹/month,12345,10000\n');
    expect(page.url()).toBe(`${session.url}/`);
    await showsItsFigures(page);
    await page.locator('#in-rent').fill('');
    await save.click();
    await page.waitForURL('**/result.csv');
    expect(await page.locator('.refused').textContent()).toContain('Rent');
    expect(await page.locator('#in-rent').inputValue()).toBe('');
  });

  test('gives a link whose figures never leave the browser', async () => {
    const page = await session.open();
    await page.locator('#in-income').fill('77123');
    await showsItsFigures(page);
    await page.locator('button', { hasText: 'Get a link' }).click();
    const link = await page.locator('#link').inputValue();
    expect(link).toStartWith(`${session.url}/#income=77123&`);
    expect(await page.locator('.link [role=status]').textContent()).not.toBe('');

    const other = await session.open('/model');
    const sent: string[] = [];
    other.on('request', (request) => sent.push(request.url(), JSON.stringify(request.headers())));
    await other.goto(link);
    await until(() => figure(other, 'income'), 77_123);
    await showsItsFigures(other);
    expect(other.url()).toBe(`${session.url}/`);
    await other.locator('#in-age').fill('36');
    await showsItsFigures(other);
    expect(sent.length).toBeGreaterThan(4);
    expect(sent.filter((text) => text.includes('77123'))).toEqual([]);
    expect(sent.filter((text) => text.includes('hx-current-url'))).toEqual([]);
  });

  test('can be used with the keyboard alone', async () => {
    const page = await session.open();
    const focused = () =>
      page.evaluate(() => {
        const element = document.activeElement as HTMLElement;
        return element.id || element.className || element.textContent?.trim();
      });
    const tabTo = async (wanted: string) => {
      for (let i = 0; i < 90; i++) {
        if ((await focused()) === wanted) return;
        await page.keyboard.press('Tab');
      }
      throw new Error(`no way to ${wanted} with the tab key; it ends at ${await focused()}`);
    };
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('skip');
    await page.keyboard.press('Enter');
    await tabTo('in-income');
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('64000');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('slider');
    await page.keyboard.press('ArrowRight');
    expect(await figure(page, 'income')).toBeGreaterThan(64_000);
    await tabTo('in-education');
    await page.keyboard.press('Enter');
    await until(focused, 'headline');
    await showsItsFigures(page);
    await tabTo('What if');
    await page.keyboard.press('Enter');
    await tabTo('goal');
    // Nothing that is pinned to an edge may cover what has the focus.
    for (const id of ['in-healthcare', 'in-dependents', 'goal']) {
      const seen = await page.locator(`#${id}`).evaluate((element) => {
        (element as HTMLElement).focus();
        const { left, top, width, height } = element.getBoundingClientRect();
        return element.contains(document.elementFromPoint(left + width / 2, top + height / 2));
      });
      expect([id, seen]).toEqual([id, true]);
    }
  });

  test("writes numbers in the reader's locale", async () => {
    const page = await session.open('/', { locale: 'de-DE' });
    const money = formatFor('de-DE', 'INR').money;
    const { amount } = session.model.predict(session.model.inputs.defaults());
    expect(await shownAmount(page)).toBe(money(amount));
    const slider = page.locator('.slider[data-for="in-income"]');
    await page.locator('#in-income').fill('123456');
    expect(await slider.getAttribute('aria-valuetext')).toBe(money(123_456));
    await until(
      async () => shownAmount(page),
      money(session.model.predict({ ...(await typedFigures(page)), income: 123_456 }).amount),
    );
  });

  test('fits phones to wide screens without a sideways scroll, with targets large enough to tap', async () => {
    const page = await session.open();
    await page.locator('button', { hasText: 'Keep this, then change' }).click();
    await until(() => page.locator('.comparison').isVisible(), true);
    await page.locator('#in-rent').fill('9999999');
    await until(() => shownAmount(page), '₹0');
    for (const path of ['/', '/model', '/batch']) {
      if (path !== '/') await page.goto(session.url + path);
      for (const width of [320, 390, 768, 1440]) {
        await page.setViewportSize({ width, height: 900 });
        for (const panel of ['panel-overview', 'panel-spending', 'panel-why', 'panel-change']) {
          await page.evaluate((id) => {
            const answer = document.getElementById('answer');
            if (answer) answer.dataset.open = id;
            for (const details of document.querySelectorAll('details')) details.open = true;
          }, panel);
          const report = await page.evaluate(() => {
            const inText = (element: Element) =>
              element.matches('p a, li a, td a') && !element.closest('nav');
            const small = [...document.querySelectorAll('a, button, input, select, summary')]
              .filter((element) => element.checkVisibility() && !inText(element) && !element.matches('.skip'))
              .filter((element) => {
                const { width, height } = element.getBoundingClientRect();
                return width < 24 || height < 24;
              })
              .map((element) => element.outerHTML.slice(0, 80));
            return { sideways: document.documentElement.scrollWidth - innerWidth, small };
          });
          expect({ path, width, panel, ...report }).toEqual({ path, width, panel, sideways: 0, small: [] });
        }
      }
    }
  });
});
