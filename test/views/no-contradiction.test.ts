import { beforeAll, describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { SAVINGS } from '../../src/training/savings.ts';
import { testApp } from '../support/app.ts';
import { select, textOf } from '../support/html.ts';

const HELP = { text: 'Free advice on debts: 1800 000 000.', link: 'https://advice.example/debts' };
let server: Awaited<ReturnType<typeof testApp>>;
beforeAll(async () => {
  server = await testApp({ help: HELP });
});

const RUNS = 150;
const HTMX = { 'accept-language': 'en-IN', 'hx-request': 'true' };

/** From the smallest income to the largest, each expense from nothing to as much as the income, some beyond it. */
const households = () => {
  const { features } = server.model.manifest;
  const expenses = Object.fromEntries(
    server.model.expenses.map(({ name }) => [
      name,
      fc.oneof(
        fc.constant(0),
        fc.double({ min: 0, max: 0.15, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
      ),
    ]),
  );
  const others = Object.fromEntries(
    features
      .filter(({ role }) => role === 'other')
      .map(({ name, min, max }) => [name, fc.integer({ min, max })]),
  );
  return fc
    .record({
      income: fc.double({ min: 0, max: 7, noNaN: true }).map((power) => Math.round(10 ** power)),
      shares: fc.record(expenses),
      others: fc.record(others),
      goal: fc.oneof(fc.constant(undefined), fc.double({ min: 0.01, max: 2, noNaN: true })),
    })
    .map(({ income, shares, others, goal }) => ({
      inputs: {
        ...others,
        [server.model.income!.name]: income,
        ...Object.fromEntries(
          Object.entries(shares).map(([name, share]) => [name, Math.round(share * income)]),
        ),
      } as Record<string, number>,
      goal: goal === undefined ? undefined : Math.max(1, Math.round(goal * income)),
    }));
};

/** Every statement of one answer is about the same household, so no two of them may be untrue together. */
describe('one answer', () => {
  test('does not contradict itself', async () => {
    await fc.assert(
      fc.asyncProperty(households(), async ({ inputs, goal }) => {
        const { remainder, income, amount, warnings } = server.model.predict(inputs);
        const fields = Object.fromEntries(
          Object.entries(inputs).map(([name, value]) => [name, String(value)]),
        );
        if (goal !== undefined && goal <= server.model.income!.max) fields._goal = String(goal);
        const html = await (await server.postForm(fields, HTMX)).text();
        const short = remainder < 0;
        const share = Math.round((remainder / income) * 1000) / 1000;

        const status = short
          ? 'Overspending'
          : share < 0.1
            ? 'Below a tenth'
            : share < 0.2
              ? 'Below a fifth'
              : 'A fifth or more';
        expect(select(html, '.chip').map(({ text }) => text)).toEqual([status, status]);

        const text = select(html, '#household')[0].text;
        expect(textOf(html, '.left-over h3')).toBe(short ? 'Short by' : 'Left over');
        expect(text.includes('Short by')).toBe(short);
        expect(select(html, '.overspent').length).toBe(short ? 1 : 0);
        expect(text).not.toMatch(/could save|households like|NaN|Infinity|undefined/);
        if (short) {
          expect(Math.round(amount)).toBe(0);
          expect(textOf(html, '.tips')).toContain('every expense falls by');
          expect(textOf(html, '.tips')).not.toMatch(/reserve|set aside|a fifth|a tenth/);
          expect(select(html, '#interval-title, [id^="sweep-"]')).toEqual([]);
        } else {
          expect(textOf(html, '.tips')).not.toMatch(/falls by|missing/);
          // No line of nothing, on an axis that ends at a rupee.
          expect(html).not.toMatch(/-desc">From ₹0 at ₹0 to ₹0 at ₹1;/);
        }
        if (status === 'Below a tenth') expect(textOf(html, '.tips')).not.toMatch(/a fifth|a tenth/);

        const notes = select(html, '.field .field-note').filter(({ text }) => text !== '');
        const unseen = select(html, '.beyond, .unseen, .predicted .range').map(({ text }) => text);
        expect(unseen.length).toBe(warnings.length > 0 ? 3 : 1);
        if (warnings.length === 0) expect(notes).toEqual([]);
        for (const { attributes, text } of notes) {
          const name = attributes.id.slice('in-'.length, -'-note'.length);
          expect(warnings.map(({ feature }) => feature.replace(/Share$/, ''))).toContain(name);
          const [, percent] = /nothing above about (\d+)% of income/.exec(text) ?? [];
          if (percent !== undefined) expect((inputs[name] / income) * 100).toBeGreaterThan(Number(percent));
          else expect(['income', 'age', 'dependents']).toContain(name);
        }
        expect(textOf(html, '.predicted').includes('made to hold')).toBe(
          warnings.length === 0 && remainder > 0,
        );

        const steps = select(html, '#panel-why figure:first-of-type tbody tr');
        const rupees = (cell: string) => Number(cell.replace(/[^-\d]/g, ''));
        const effects = steps.map(({ text }) => rupees(/[-+]?₹[\d,]+$/.exec(text)![0]));
        const [first, last] = [effects.shift()!, effects.pop()!];
        expect(effects.reduce((sum, effect) => sum + effect, first)).toBe(last);
        expect(effects).not.toContain(0);
        expect(last).toBe(Math.round(amount));

        const year = /<desc id="projection-desc">([^<]+)</.exec(html)?.[1] ?? '';
        expect(year.includes('short')).toBe(short);

        const rules = select(html, '.rules dt').map(({ text }) => text);
        expect(rules).toEqual(
          SAVINGS.rules!.filter(({ of }) => !short || 'expenses' in of).map(({ label }) => label),
        );
        expect(text.includes('The gap comes first')).toBe(short);
        expect(text.split(HELP.text).length - 1).toBe(short ? 2 : 0);
        expect(select(html, `a[href="${HELP.link}"]`).length).toBe(short ? 2 : 0);

        const goalText = textOf(html, '.goal');
        const noCut = goalText.includes('needs no cut');
        const cut = /less spending|it takes/.test(goalText);
        expect([noCut, cut]).toEqual([!cut, !noCut]);
        const asked = fields._goal === undefined ? undefined : Number(fields._goal);
        if (asked !== undefined) expect(noCut).toBe(remainder >= asked);
        else if (short) expect(textOf(html, '.goal h3')).toBe('To come out even');
        // What nobody asked for is within reach: no income is needed that nobody has, nor half of what can fall.
        else expect(goalText).not.toMatch(/Not even|would not be enough/);
        if (noCut) expect(goalText).not.toMatch(/by the model|an income of/);
        const [model, arithmetic] = [goalText.indexOf('by the model'), goalText.indexOf('left over now')];
        if (model >= 0 && !short) expect(model).toBeGreaterThan(arithmetic);
        if (short) expect(goalText).not.toMatch(/set aside|put aside/);
      }),
      { numRuns: RUNS },
    );
  }, 60_000);
});
