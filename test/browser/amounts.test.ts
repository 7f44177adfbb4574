import { expect, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { amountReader } from '../../src/views/amount.ts';
import { formatFor } from '../../src/views/format.ts';
import { describeInBrowser, shownAmount, until } from './session.ts';

const LOCALES = ['en-IN', 'hi-IN', 'de-DE', 'de-CH', 'fr-FR', 'es-ES', 'pl-PL', 'ar-EG', 'fa-IR', 'bn-BD'];

describeInBrowser('amounts as people write them', (session) => {
  const value = (page: Page, id: string) => page.locator(`#${id}`).inputValue();
  const understood = (page: Page, id: string) => page.locator(`output[for="${id}"]`).textContent();
  const predicted = (locale: string, changes: object) =>
    formatFor(locale, 'INR').money(
      session.model.predict({ ...session.model.inputs.defaults(), ...changes }).amount,
    );

  test.each([
    ['en-IN', '1,20,000', 120_000],
    ['en-IN', '1.2 lakh', 120_000],
    ['en-US', '60,000', 60_000],
    ['de-DE', '60.000', 60_000],
    ['fr-FR', '60 000', 60_000],
    ['de-DE', '75,5k', 75_500],
  ])('for a reader of %s, %s is %d', async (locale, text, income) => {
    const page = await session.open('/', { locale });
    await page.locator('#in-income').fill(text);
    await until(() => shownAmount(page), predicted(locale, { income }));
    expect(await value(page, 'in-income')).toBe(text);
  });

  test('what is understood stands beside what was typed, and the slider goes there', async () => {
    const page = await session.open();
    const slider = page.locator('.slider[data-for="in-income"]');
    await page.locator('#in-income').fill('120000');
    const position = await slider.inputValue();
    await page.locator('#in-income').fill('60000');
    await until(() => understood(page, 'in-income'), '');
    await page.locator('#in-income').fill('1.2 lakh');
    await until(() => understood(page, 'in-income'), '₹1,20,000');
    await until(() => slider.inputValue(), position);
    expect(await slider.getAttribute('aria-valuetext')).toBe('₹1,20,000');
    await page.locator('#in-rent').focus();
    expect(await value(page, 'in-income')).toBe('1.2 lakh');
    await page.locator('.form-foot button').click();
    await until(() => page.evaluate(() => document.activeElement?.id), 'headline');
    expect(await value(page, 'in-income')).toBe('1.2 lakh');
    expect(await understood(page, 'in-income')).toBe('₹1,20,000');
  });

  test('digits are grouped when their field is left, and not while they change', async () => {
    const page = await session.open();
    expect(await value(page, 'in-income')).toBe('50,000');
    const field = page.locator('#in-income');
    await field.press('End');
    await field.press('0');
    expect(await field.inputValue()).toBe('500000');
    await field.press('Tab');
    expect(await field.inputValue()).toBe('5,00,000');
    await until(() => shownAmount(page), predicted('en-IN', { income: 500_000 }));

    await field.press('End');
    for (let i = 0; i < 4; i++) await field.press('ArrowLeft');
    await field.press('Backspace');
    // The caret stays where the digit was.
    expect(await field.inputValue()).toBe('50000');
    await field.press('7');
    expect(await field.inputValue()).toBe('507000');
    await page.locator('#in-rent').focus();
    expect(await field.inputValue()).toBe('5,07,000');
  });

  test('what is pasted over a grouped number stays as it is, and is refused where it reads two ways', async () => {
    const page = await session.open();
    const field = page.locator('#in-rent');
    await field.fill('12,5');
    await until(
      () => page.locator('#in-rent-note').textContent(),
      'Rent: is it 12.5 or 125? Please write the one that you mean.',
    );
    expect(await field.inputValue()).toBe('12,5');
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    await field.fill('1250');
    await until(() => page.locator('#in-rent-note').textContent(), '');
  });

  test('a letter among the digits is refused by name', async () => {
    const page = await session.open();
    await page.locator('#in-groceries').fill('5O000');
    await page.locator('.form-foot button').click();
    await until(() => page.evaluate(() => document.activeElement?.id), 'in-groceries');
    expect(await page.locator('#in-groceries-note').textContent()).toBe(
      'Groceries: please enter a number: there is a letter or a sign in it that is no part of one.',
    );
    expect(await value(page, 'in-groceries')).toBe('5O000');
  });

  test.each(LOCALES)('for a reader of %s, the server reads what the script writes', async (locale) => {
    const page = await session.open('/', { locale });
    const read = amountReader(locale, 'INR');
    const slider = page.locator('.slider[data-for="in-rent"]');
    const money = formatFor(locale, 'INR').money;
    for (const press of ['Home', 'ArrowRight', 'PageUp', 'PageUp', 'ArrowRight', 'End', 'PageDown']) {
      await slider.press(press);
      const { amount } = read(await value(page, 'in-rent'));
      expect(amount).toBeNumber();
      expect(await slider.getAttribute('aria-valuetext')).toBe(money(amount!));
    }
    const rent = read(await value(page, 'in-rent')).amount!;
    await until(() => shownAmount(page), predicted(locale, { rent }));
    expect(await understood(page, 'in-rent')).toBe('');

    // A digit more, and one less.
    await page.locator('#in-rent').press('End');
    await page.locator('#in-rent').press('7');
    expect(read(await value(page, 'in-rent'))).toEqual({ amount: rent * 10 + 7 });
    await page.locator('#in-rent').press('Backspace');
    await page.locator('#in-age').focus();
    expect(read(await value(page, 'in-rent'))).toEqual({ amount: rent });
  });

  test('a link holds plain numbers, so that it is the same to readers elsewhere', async () => {
    const page = await session.open('/', { locale: 'de-DE' });
    await page.locator('#in-income').fill('60.000');
    await page.locator('#in-rent').fill('9.500,25');
    await until(() => shownAmount(page), predicted('de-DE', { income: 60_000, rent: 9_500.25 }));
    await page.locator('button', { hasText: 'Get a link' }).click();
    const link = await page.locator('#link').inputValue();
    expect(link).toContain('income=60000&');
    expect(link).toContain('rent=9500.25&');
    const other = await session.open('/model', { locale: 'en-IN' });
    await other.goto(link);
    await until(() => shownAmount(other), predicted('en-IN', { income: 60_000, rent: 9_500.25 }));
    expect([await value(other, 'in-income'), await value(other, 'in-rent')]).toEqual(['60,000', '9,500.25']);
  });

  test('what was typed outlives a reload', async () => {
    const page = await session.open();
    await page.locator('#in-income').fill('1.2 lakh');
    await until(() => understood(page, 'in-income'), '₹1,20,000');
    await page.reload();
    await until(() => understood(page, 'in-income'), '₹1,20,000');
    expect(await value(page, 'in-income')).toBe('1.2 lakh');
  });

  test('the goal is read and shown alike', async () => {
    const page = await session.open('/#panel-change');
    await page.locator('#goal').fill('15k');
    await until(() => page.locator('.goal h3').textContent(), 'To save ₹15,000 a month');
    expect(await understood(page, 'goal')).toBe('₹15,000');
    await page.locator('#goal').fill('12,5');
    await until(
      () => page.locator('#goal-note').textContent(),
      'The amount to save: is it 12.5 or 125? Please write the one that you mean.',
    );
  });

  test("says at a slider's ends how far it goes, in short", async () => {
    const page = await session.open('/', { locale: 'de-DE' });
    const { compact, number } = formatFor('de-DE', 'INR');
    const read = amountReader('de-DE', 'INR');
    for (const { name, role } of session.model.manifest.features) {
      const slider = page.locator(`.slider[data-for="in-${name}"]`);
      const ends = slider.locator('xpath=following-sibling::p[@class="slider-ends"]/span');
      const written: string[] = [];
      for (const press of ['Home', 'End']) {
        await slider.press(press);
        const { amount } = read(await value(page, `in-${name}`));
        written.push(role === 'other' ? number(amount!) : compact(amount!));
      }
      expect(await ends.allTextContents()).toEqual(written);
    }
  });

  test('without JavaScript too', async () => {
    const page = await session.open('/', { javaScriptEnabled: false });
    await page.locator('#in-income').fill('1.2 lakh');
    await page.locator('#in-rent').fill('15,000');
    await page.locator('.form-foot button').click();
    expect(await shownAmount(page)).toBe(predicted('en-IN', { income: 120_000, rent: 15_000 }));
    expect(await value(page, 'in-income')).toBe('1.2 lakh');
    expect(await understood(page, 'in-income')).toBe('₹1,20,000');
    expect(await understood(page, 'in-rent')).toBe('');
    await page.locator('#in-rent').fill('1.200');
    await page.locator('.form-foot button').click();
    expect(await page.locator('.refused').textContent()).toContain(
      'Rent: is it 1.2 or 1,200? Please write the one that you mean.',
    );
    expect(await value(page, 'in-rent')).toBe('1.200');
  });
});
