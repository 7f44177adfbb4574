import { expect, test } from 'bun:test';
import { SAVINGS } from '../../src/training/savings.ts';
import { GOOD_RATE } from '../../src/views/status.ts';
import { testArtifact } from '../support/model.ts';

const { rules = [] } = SAVINGS;

test('what is trained here holds the rules', async () => {
  const { manifest } = await testArtifact();
  expect(manifest.format).toBe('savings-model/2');
  expect(manifest.rules).toEqual(rules);
});

test('the rule of what is left over, and the status that is drawn from it, ask the same', () => {
  const toSave = rules.filter(({ of }) => 'leftOver' in of);
  expect(toSave.map(({ direction, limit }) => [direction, limit])).toEqual([['at least', GOOD_RATE]]);
});

test('each note is short enough to be read, and none holds for India, as the comment says', () => {
  for (const { source, note } of rules) {
    expect(source.country).toBe('US');
    expect(note!.length).toBeLessThan(300);
  }
  const counted = rules.flatMap(({ of }) => ('expenses' in of ? of.expenses : []));
  const groceries = SAVINGS.features.filter(({ name }) => name === 'groceries' || name === 'eatingOut');
  expect(groceries.filter(({ name }) => counted.includes(name))).toEqual([]);
});
