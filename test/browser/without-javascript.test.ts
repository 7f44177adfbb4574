import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { formatFor } from '../../src/views/format.ts';
import { describeInBrowser, shownAmount } from './session.ts';

describeInBrowser('the page without JavaScript', (session) => {
  const open = () => session.open('/', { javaScriptEnabled: false });
  const predicted = (changes: object) =>
    formatFor('en-IN', 'INR').money(
      session.model.predict({ ...session.model.inputs.defaults(), ...changes }).amount,
    );

  test('answers the button with a page that shows everything', async () => {
    const page = await open();
    expect(await page.locator('.slider:visible, .scripted:visible').count()).toBe(0);
    await page.locator('#in-income').fill('88000');
    await page.locator('.form-foot button').click();
    expect(new URL(page.url()).pathname).toBe('/predict');
    expect(await shownAmount(page)).toBe(predicted({ income: 88_000 }));
    expect(await page.locator('#in-income').inputValue()).toBe('88000');
    expect(await page.locator('.panel:visible').count()).toBe(4);
    await page.locator('.tabs a', { hasText: 'Why' }).click();
    // Below what stays in view.
    const gap = await page.locator('#panel-why').evaluate((panel) => {
      const inShort = document.querySelector('.in-short')!.getBoundingClientRect();
      return panel.getBoundingClientRect().top - Math.max(0, inShort.bottom);
    });
    expect(gap).toBeGreaterThanOrEqual(0);
    expect(gap).toBeLessThan(150);
    await page.locator('#panel-why summary', { hasText: 'Numbers' }).first().click();
    expect(await page.locator('#panel-why table').first().isVisible()).toBe(true);
  });

  test('says what is wrong, with a way to each field', async () => {
    const page = await open();
    await page.locator('#in-income').fill('');
    await page.locator('#in-age').fill('7');
    await page.locator('#in-rent').fill('12345');
    await page.locator('.form-foot button').press('Enter');
    expect(await page.locator('.refused').textContent()).toContain('2 fields need your attention');
    expect(await page.locator('#in-rent').inputValue()).toBe('12345');
    await page.locator('.refused a', { hasText: 'Age' }).click();
    expect(await page.locator('#in-age:target').count()).toBe(1);
    expect(await page.locator('#in-age-note').textContent()).toBe('Age: please enter at least 18.');
  });

  test('keeps one household beside another, and works out a goal', async () => {
    const page = await open();
    await page.locator('button', { hasText: 'Keep this, then change' }).click();
    await page.locator('#in-rent').fill('13000');
    await page.locator('#goal').fill('9000');
    await page.locator('#goal').press('Enter');
    expect(await page.locator('.comparison tbody tr').last().textContent()).toBe('Rent₹10,000₹13,000+₹3,000');
    expect(await page.locator('.goal h3').textContent()).toBe('To save ₹9,000 a month');
    expect(await shownAmount(page)).toBe(predicted({ rent: 13_000 }));
    await page.locator('button', { hasText: 'Keep this too' }).click();
    await page.locator('#in-rent').fill('14000');
    await page.locator('#kept-name-B').fill('Smaller flat');
    await page.locator('#kept-B button', { hasText: 'Rename' }).click();
    expect(await page.locator('.comparison thead th').allTextContents()).toEqual([
      ...['Figure', 'A', 'Smaller flat', 'Now'],
    ]);
    await page.locator('#kept-A button', { hasText: 'Bring back' }).click();
    expect(await page.locator('#in-rent').inputValue()).toBe('10000');
    await page.locator('#kept-A button', { hasText: 'Remove' }).click();
    expect(await page.locator('.comparison thead th').allTextContents()).toEqual([
      ...['Figure', 'Smaller flat', 'Now', 'Difference'],
    ]);
    expect(page.url()).toBe(`${session.url}/predict`);
  });

  test('keeps the goal while a field is refused', async () => {
    const page = await open();
    await page.locator('#goal').fill('9000');
    await page.locator('#in-rent').fill('-5');
    await page.locator('#goal').press('Enter');
    expect(await page.locator('.refused').textContent()).toContain('One field needs your attention');
    await page.locator('#in-rent').fill('13000');
    await page.locator('.form-foot button').press('Enter');
    expect(await page.locator('.goal h3').textContent()).toBe('To save ₹9,000 a month');
  });

  test('saves the answer as a file, with what was just typed', async () => {
    const page = await open();
    await page.locator('#in-rent').fill('12345');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download as CSV' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('savings-result.csv');
    expect(new URL(download.url()).search).toBe('');
    expect(readFileSync((await download.path())!, 'utf8')).toContain('Rent,₹/month,12345\n');
    expect(page.url()).toBe(`${session.url}/`);
  });

  test('goes back to the form and forward again', async () => {
    const page = await open();
    await page.locator('a', { hasText: 'The model' }).click();
    await page.goBack();
    expect(await page.locator('#in-income').inputValue()).toBe('50000');
    await page.goForward();
    expect(await page.locator('h1').textContent()).toContain('The model');
  });
});
