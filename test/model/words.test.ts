import { describe, expect, test } from 'bun:test';
import { withinSentence, wordsOf } from '../../src/model/words.ts';
import { otherModel } from '../support/other-models.ts';
import { testModel } from '../support/model.ts';

describe('the words for a model', () => {
  test('are of a household with a budget where it has an income and expenses', async () => {
    expect((await testModel()).words).toEqual({
      budget: { period: 'month' },
      label: 'Savings',
      target: 'savings',
      predicted: 'Predicted savings',
      unit: 'a month',
      one: 'household',
      many: 'households',
    });
  });

  test.each([
    ['trunks', undefined, 'm', 'case'],
    ['weekly-pounds', undefined, 'a week', 'case'],
    ['income-alone', undefined, 'a week', 'household'],
    ['weekly-budget', { period: 'week' }, 'a week', 'household'],
  ] as const)('follow from the manifest of %s', async (name, budget, unit, one) => {
    expect((await otherModel(name)).model.words).toMatchObject({ budget, unit, one });
  });

  test('name no period of an amount that does not come again', async () => {
    const { features, target } = (await otherModel('weekly-pounds')).model.manifest;
    const { period: _, ...once } = target;
    expect(wordsOf({ features, target: once }).unit).toBe('');
  });

  test('keep capitals that belong to a word', () => {
    expect(
      ['Trunk width', 'GDP', 'BMI of a child', 'pH', 'Q1 sales', 'Épargne', ''].map(withinSentence),
    ).toEqual(['trunk width', 'GDP', 'BMI of a child', 'pH', 'Q1 sales', 'épargne', '']);
  });
});
