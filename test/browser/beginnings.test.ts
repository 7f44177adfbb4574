import { expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { formatFor } from '../../src/views/format.ts';
import { describeInBrowser, shownAmount, until } from './session.ts';

const rupees = formatFor('en-IN', 'INR').money;

describeInBrowser('beginning anew', (session) => {
  const press = (page: Page, name: string) => page.locator('button:visible', { hasText: name }).click();
  /** What stands in a field, without its groups. */
  const value = async (page: Page, id: string) =>
    (await page.locator(`#${id}`).inputValue()).replaceAll(',', '');
  const focused = (page: Page) => page.evaluate(() => document.activeElement?.id);

  test('start over can be undone, also after a reload, and with all that stood there', async () => {
    const page = await session.open('/#panel-change');
    await page.locator('#in-income').fill('91000');
    await press(page, 'Keep this, then change');
    await until(() => page.locator('.comparison').isVisible(), true);
    // What is wrong comes back too.
    await page.locator('#goal').fill('9000');
    await page.locator('#in-rent').fill('-5');
    await until(() => page.locator('#in-rent').getAttribute('aria-invalid'), 'true');
    await press(page, 'Start over');
    await until(() => value(page, 'in-income'), '50000');
    await until(() => focused(page), 'before');
    expect(await page.locator('#headline').textContent()).toContain('An example household');
    expect(await page.locator('.comparison').count()).toBe(0);
    await page.reload();
    await until(() => page.locator('#before').isVisible(), true);
    expect(await value(page, 'in-income')).toBe('50000');
    await press(page, 'Bring back');
    await until(() => value(page, 'in-income'), '91000');
    await until(() => page.locator('#in-rent').getAttribute('aria-invalid'), 'true');
    expect(await value(page, 'in-rent')).toBe('-5');
    expect(await page.locator('#before').count()).toBe(0);
    await page.locator('#in-rent').fill('12000');
    await until(() => page.locator('.comparison').isVisible(), true);
    expect(await value(page, 'goal')).toBe('9000');
  });

  test('an example takes the place of the figures, and gives them back', async () => {
    const page = await session.open();
    const { examples = [] } = session.model.manifest;
    expect(examples.map(({ label }) => label)).toEqual([
      'Single, renting',
      'Family with a loan',
      'Low income, little left',
      'Well off',
    ]);
    await page.locator('#in-income').fill('88000');
    for (const { label, inputs } of examples) {
      await press(page, label);
      await until(() => shownAmount(page), rupees(session.model.predict(inputs).amount));
      expect(await value(page, 'in-age')).toBe(String(inputs.age));
      await press(page, 'Bring back');
      await until(() => value(page, 'in-income'), '88000');
    }
  });

  test('whoever looks at several examples, or starts over between them, gets back what was their own', async () => {
    const page = await session.open();
    await page.locator('#in-income').fill('88000');
    for (const name of ['Well off', 'Single, renting', 'Start over', 'Start over', 'Family with a loan']) {
      await press(page, name);
      await until(() => page.locator('#before').isVisible(), true);
      await page.waitForFunction(() => document.activeElement?.id === 'before');
    }
    await press(page, 'Bring back');
    await until(() => value(page, 'in-income'), '88000');
  });

  test('whoever goes on lets go of what stood there, in the memory of the tab too', async () => {
    const page = await session.open();
    await page.locator('#in-income').fill('91234');
    await press(page, 'Start over');
    await until(() => page.locator('#before').isVisible(), true);
    const remembered = () =>
      page.evaluate(() => /91(,|%2C|%252C)?234/.test(JSON.stringify(window.sessionStorage)));
    await until(remembered, true);
    await page.locator('.slider[data-for="in-rent"]').press('ArrowRight');
    expect(await remembered()).toBe(false);
    expect(await page.locator('#before').count()).toBe(0);
    await page.reload();
    await until(() => value(page, 'in-income'), '50000');
    expect(await page.locator('#before').count()).toBe(0);
  });

  test('nothing is offered back where nothing was lost', async () => {
    const page = await session.open();
    await press(page, 'Start over');
    await until(() => focused(page), 'headline');
    expect(await page.locator('#before').count()).toBe(0);
  });

  test('enter in a field asks for the answer', async () => {
    const page = await session.open();
    await page.locator('#in-income').fill('64000');
    await page.locator('#in-income').press('Enter');
    await until(() => focused(page), 'headline');
    expect(await value(page, 'in-income')).toBe('64000');
  });

  test('without JavaScript all of it works by plain posts, and no figure is in an address', async () => {
    const page = await session.open('/', { javaScriptEnabled: false });
    const [, family] = session.model.manifest.examples!;
    await page.locator('#in-income').fill('91000');
    await page.locator('#goal').fill('9000');
    await press(page, family!.label);
    expect(await value(page, 'in-income')).toBe(String(family!.inputs.income));
    expect(await value(page, 'goal')).toBe('9000');
    await press(page, 'Bring back');
    expect(await value(page, 'in-income')).toBe('91000');
    await press(page, 'Start over');
    expect([await value(page, 'in-income'), await value(page, 'goal')]).toEqual(['50000', '']);
    await press(page, 'Bring back');
    expect([await value(page, 'in-income'), await value(page, 'goal')]).toEqual(['91000', '9000']);
    await page.locator('#in-income').press('Enter');
    expect(await value(page, 'in-income')).toBe('91000');
    expect(page.url()).toBe(`${session.url}/predict`);
  });
});
