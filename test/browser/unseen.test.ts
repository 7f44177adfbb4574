import { expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { describeInBrowser, until } from './session.ts';

/** How the prediction is drawn. */
const looks = (page: Page) =>
  page.evaluate(() => {
    const style = (selector: string) => getComputedStyle(document.querySelector(selector)!);
    const [span, dot] = [style('.predicted .span'), style('.predicted .dot')];
    return {
      dashed: span.strokeDasharray !== 'none',
      hollow: dot.fill !== dot.stroke && dot.stroke === span.stroke,
      border: style('.predicted').borderLeftStyle,
      span: span.stroke,
      leftOver: style('.figure-large strong').color,
    };
  });

const note = (page: Page, name: string) => page.locator(`#in-${name}-note`).textContent();

describeInBrowser('a household beyond what the model has seen', (session) => {
  for (const options of [{}, { colorScheme: 'dark' }, { forcedColors: 'active' }] as const) {
    test(`has a prediction that looks like a guess, and what is left over as ever: ${JSON.stringify(options)}`, async () => {
      const page = await session.open('/', options);
      const usual = await looks(page);
      expect({ dashed: usual.dashed, hollow: usual.hollow, border: usual.border }).toEqual({
        dashed: false,
        hollow: false,
        border: 'none',
      });
      await page.locator('#in-income').fill('5000000');
      await until(() => page.locator('.beyond').count(), 1);
      const beyond = await looks(page);
      expect({ dashed: beyond.dashed, hollow: beyond.hollow, border: beyond.border }).toEqual({
        dashed: true,
        hollow: true,
        border: 'dashed',
      });
      expect(beyond.span).not.toBe(usual.span);
      expect(beyond.leftOver).toBe(usual.leftOver);
    });
  }

  test('is told so at the rent that is half the income, and no more when it is none', async () => {
    const page = await session.open();
    await page.locator('#in-rent').fill('25000');
    await until(
      () => note(page, 'rent'),
      'The model has seen nothing above about 30% of income: take its prediction with care.',
    );
    expect(await page.locator('.beyond').textContent()).toContain('Rent, above about 30% of income');
    await page.locator('#in-rent').fill('0');
    await until(() => note(page, 'rent'), '');
  });
});
