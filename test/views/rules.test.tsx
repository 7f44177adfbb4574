/** @jsxImportSource hono/jsx */
import { describe, expect, test } from 'bun:test';
import type { Rule } from '../../src/model/manifest.ts';
import type { Prediction } from '../../src/model/prediction.ts';
import { formatFor } from '../../src/views/format.ts';
import { Rules } from '../../src/views/result/rules.tsx';
import { leftOverOf } from '../../src/views/status.ts';
import { select, textOf } from '../support/html.ts';

const format = formatFor('en-IE', 'EUR');
const source = { name: 'A book', year: 1999, country: 'DE' };
const home: Rule = {
  label: 'Home',
  of: { expenses: ['rent', 'power'] },
  direction: 'at most',
  limit: 0.25,
  source,
  note: 'Of income before tax.',
};
const saving: Rule = { label: 'Saving', of: { leftOver: true }, direction: 'at least', limit: 0.1, source };

function shown(income: number, rent: number, rules: Rule[] | undefined = [home, saving]): string {
  const inputs = { income, rent, power: 100, food: 50 };
  const prediction = { income, remainder: income - rent - 150 } as Prediction;
  return String(
    <main>
      <Rules {...{ rules, prediction, inputs, left: leftOverOf(prediction), format }} />
    </main>,
  );
}

describe('rules of thumb', () => {
  test('stand beside the household’s own share, with their source and its country', () => {
    const html = shown(1_000, 200);
    expect(select(html, 'dt').map(({ text }) => text)).toEqual(['Home', 'Saving']);
    expect(select(html, 'dd').map(({ text }) => text)).toEqual([
      '30.0% of your income; the rule: at most 25%A book, 1999, Germany. Of income before tax.',
      '65.0% of your income; the rule: at least 10%A book, 1999, Germany.',
    ]);
  });

  test('are no failures of a household that overspends, and none of them asks it to save', () => {
    const html = shown(1_000, 2_000);
    expect(select(html, 'dt').map(({ text }) => text)).toEqual(['Home']);
    expect(textOf(html, 'main')).toContain('The gap comes first: these can wait until it is closed.');
    expect(shown(1_000, 2_000, [saving])).toBe('<main></main>');
  });

  test('are not shown where the manifest has none', () => {
    expect(shown(1_000, 200, [])).toBe('<main></main>');
  });

  test('have no share where there is no income', () => {
    expect(shown(0, 0)).not.toMatch(/NaN|∞|Infinity/);
  });
});
