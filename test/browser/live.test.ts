import { expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { sliderPosition, sliderScale } from '../../src/views/form/slider.ts';
import { formatFor } from '../../src/views/format.ts';
import { describeInBrowser, figure, shownAmount, typedFigures, until } from './session.ts';

const rupees = formatFor('en-IN', 'INR').money;

describeInBrowser('the page while figures change', (session) => {
  const predicted = (figures: Record<string, number>) => rupees(session.model.predict(figures).amount);
  const showsItsFigures = async (page: Page) =>
    until(async () => (await shownAmount(page)) === predicted(await typedFigures(page)), true);

  /** Holds back the answers to POST /predict until it is called. */
  async function holdAnswers(page: Page) {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route('**/predict', async (route) => {
      await released;
      await route.continue().catch(() => {});
    });
    return release;
  }

  test('typing updates the answer, and leaves the field and the page where they are', async () => {
    const page = await session.open();
    const field = page.locator('#in-income');
    await field.focus();
    const before = await field.boundingBox();
    await field.fill('83000');
    await until(() => shownAmount(page), predicted({ ...(await typedFigures(page)), income: 83_000 }));
    expect(await field.inputValue()).toBe('83000');
    expect(await field.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(await field.boundingBox()).toEqual(before);
  });

  test('sliding moves the number and updates the answer', async () => {
    const page = await session.open();
    const slider = page.locator('.slider[data-for="in-income"]');
    const box = (await slider.boundingBox())!;
    const y = box.y + box.height / 2;
    await page.mouse.move(box.x + box.width * 0.5, y);
    await page.mouse.down();
    for (let share = 0.5; share <= 0.7; share += 0.02) await page.mouse.move(box.x + box.width * share, y);
    await page.mouse.up();
    const income = await figure(page, 'income');
    expect(income).toBeGreaterThan(80_000);
    await until(() => shownAmount(page), predicted({ ...(await typedFigures(page)), income }));
    expect(await slider.getAttribute('aria-valuetext')).toBe(rupees(income));
    // What an answer brings back must not move the handle.
    expect(await figure(page, 'income')).toBe(income);
  });

  test('typing moves the slider', async () => {
    const page = await session.open();
    const slider = page.locator('.slider[data-for="in-age"]');
    await page.locator('#in-age').fill('60');
    expect(await slider.inputValue()).toBe('42');
  });

  test('slider and number agree on every position, as the server does', async () => {
    const page = await session.open();
    const slider = page.locator('.slider[data-for="in-rent"]');
    const scale = sliderScale(session.model.expenses.find(({ name }) => name === 'rent')!);
    for (const press of ['Home', 'ArrowRight', 'ArrowRight', 'PageUp', 'PageUp', 'End', 'ArrowLeft']) {
      await slider.press(press);
      const [position, value] = [await slider.inputValue(), await figure(page, 'rent')];
      await page.locator('#in-rent').fill(String(value));
      expect(await slider.inputValue()).toBe(position);
      expect(sliderPosition(scale, value)).toBe(Number(position));
    }
    await showsItsFigures(page);
  });

  test('the latest question wins, however late an earlier answer comes', async () => {
    const page = await session.open();
    let asked = 0;
    await page.route('**/predict', async (route) => {
      const first = asked++ === 0;
      if (first) await new Promise((resolve) => setTimeout(resolve, 600));
      await route.continue().catch(() => {});
    });
    await page.locator('#in-income').fill('30000');
    await until(async () => asked, 1);
    await page.locator('#in-income').fill('150000');
    await until(() => shownAmount(page), predicted({ ...(await typedFigures(page)), income: 150_000 }));
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(await shownAmount(page)).toBe(predicted({ ...(await typedFigures(page)), income: 150_000 }));
    expect(asked).toBe(2);
  });

  test('shows that it is busy, and takes nothing back that was typed meanwhile', async () => {
    const page = await session.open();
    const release = await holdAnswers(page);
    await page.locator('#in-income').fill('70000');
    await until(() => page.locator('#household').getAttribute('aria-busy'), 'true');
    await page.locator('#in-rent').press('End');
    await page.locator('#in-rent').pressSequentially('0');
    release();
    await showsItsFigures(page);
    expect(await typedFigures(page)).toMatchObject({ income: 70_000, rent: 100_000 });
    await until(() => page.locator('#household').getAttribute('aria-busy'), null);
  });

  test('a refused figure that a reload brings back does not pass the example off as its answer', async () => {
    const page = await session.open();
    await page.locator('#in-rent').fill('5O000');
    await page.reload();
    await until(() => page.locator('.stale').isVisible(), true);
    expect(await page.locator('#in-rent').inputValue()).toBe('5O000');
    expect(await page.locator('#headline').textContent()).toContain('An example household');
    expect(await page.locator('.stale').textContent()).toBe(
      'A field needs your attention: this is not yet the answer to your figures.',
    );
  });

  test('a refused figure says so at its field and leaves the answer from before', async () => {
    const page = await session.open();
    const before = await shownAmount(page);
    await page.locator('#in-rent').fill('');
    await until(
      () => page.locator('#in-rent-note').textContent(),
      'Rent: please enter a number from 0 to 1,00,00,000.',
    );
    expect(await page.locator('#in-rent').getAttribute('aria-invalid')).toBe('true');
    expect(await shownAmount(page)).toBe(before);
    expect(await page.locator('.stale').isVisible()).toBe(true);
    expect(await page.locator('#in-rent').evaluate((element) => element === document.activeElement)).toBe(
      true,
    );

    await page.locator('#in-rent').fill('11000');
    await showsItsFigures(page);
    expect(await page.locator('#in-rent-note').textContent()).toBe('');
    expect(await page.locator('.stale').isVisible()).toBe(false);
  });

  test('warns at a field beyond what the model knows, and when expenses exceed income', async () => {
    const page = await session.open();
    await page.locator('#in-age').fill('95');
    await until(
      async () => (await page.locator('#in-age-note').textContent())?.includes('nothing above 64'),
      true,
    );
    await page.locator('#in-rent').fill('90000');
    await until(() => shownAmount(page), '₹0');
    expect(await page.locator('.overspent').textContent()).toContain('above income');
  });

  test('what is open stays open, and the tab that was chosen stays chosen', async () => {
    const page = await session.open();
    await page.locator('.tabs a', { hasText: 'Spending' }).click();
    const numbers = page.locator('#panel-spending details').first();
    await numbers.locator('summary').click();
    await page.locator('#in-income').fill('64000');
    await showsItsFigures(page);
    expect(await numbers.locator('table').isVisible()).toBe(true);
    expect(await page.locator('.panel:visible').count()).toBe(1);
    expect(await page.locator('.tabs [aria-current]').textContent()).toBe('Spending');
  });

  test('the goal is worked out as it is typed', async () => {
    const page = await session.open('/#panel-change');
    await page.locator('#goal').fill('15000');
    await until(() => page.locator('.goal h3').textContent(), 'To save ₹15,000 a month');
    expect(await page.locator('#goal').inputValue()).toBe('15000');
    await page.locator('#in-income').fill('90000');
    await showsItsFigures(page);
    expect(await page.locator('.goal h3').textContent()).toBe('To save ₹15,000 a month');
  });

  test('looks count as nothing, the button as one prediction', async () => {
    const count = async () =>
      Number(
        /savings_predictions_total\{.*surface="page"\} (\d+)/.exec(
          await session.deps.metrics.registry.metrics(),
        )?.[1],
      );
    const before = await count();
    const page = await session.open();
    await page.locator('#in-income').fill('71000');
    await showsItsFigures(page);
    expect(await count()).toBe(before);
    await page.locator('.form-foot button').click();
    await until(count, before + 1);
    await until(() => page.evaluate(() => document.activeElement?.id), 'headline');
  });

  test('a change that follows a button is asked after it, and neither is lost', async () => {
    const page = await session.open();
    const release = await holdAnswers(page);
    await page.locator('#in-rent').fill('12000');
    await page.locator('button', { hasText: 'Keep this, then change' }).click();
    await page.locator('#in-rent').fill('14000');
    await new Promise((resolve) => setTimeout(resolve, 400));
    release();
    await until(() => page.locator('.comparison tbody tr').last().textContent(), 'Rent₹12,000₹14,000+₹2,000');
    await showsItsFigures(page);
    expect(await figure(page, 'rent')).toBe(14_000);
  });

  test('the button leads to the first field that is wrong', async () => {
    const page = await session.open();
    const release = await holdAnswers(page);
    await page.locator('#in-groceries').fill('');
    await page.locator('#in-rent').fill('-1');
    await page.locator('.form-foot button').click();
    release();
    await until(() => page.evaluate(() => document.activeElement?.id), 'in-rent');
    expect(await page.locator('#in-rent-note').textContent()).toBe('Rent: please enter at least 0.');
    expect(await page.locator('#in-groceries-note').textContent()).toBe(
      'Groceries: please enter a number from 0 to 1,00,00,000.',
    );
  });
});
