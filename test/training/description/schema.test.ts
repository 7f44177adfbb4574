import { describe, expect, test } from 'bun:test';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { faultsOfDescription } from '../../../src/training/description/faults.ts';
import { descriptionJsonSchema, descriptionSchema } from '../../../src/training/description/schema.ts';
import { SAVINGS, SAVINGS_FILE } from '../../../src/training/savings.ts';

const FOLDER = join(import.meta.dir, '../../../src/training/description');
const file = (name: string) => join(FOLDER, name);
const published = () => readFile(file('model.schema.json'), 'utf8');

describe('the published JSON Schema', () => {
  test('is what the program checks by: UPDATE_GOLDEN=1 writes it anew', async () => {
    const current = `${JSON.stringify(descriptionJsonSchema(), null, 2)}\n`;
    if (process.env.UPDATE_GOLDEN) await writeFile(file('model.schema.json'), current);
    expect(JSON.parse(await published())).toEqual(JSON.parse(current));
  });

  test('takes the description of the savings model, which names it, and refuses what the program refuses', async () => {
    const validate = new Ajv2020({ strict: false }).compile(JSON.parse(await published()));
    const savings = JSON.parse(await readFile(file('savings.model.json'), 'utf8'));
    expect(savings.$schema).toBe('./model.schema.json');
    expect(validate(savings)).toBe(true);
    for (const spoiled of [
      { ...savings, period: 'day' },
      { ...savings, colour: 'red' },
      { ...savings, features: [] },
      { ...savings, features: [{ name: 'Not camel', kind: 'number' }] },
      { ...savings, derived: [{ name: 'x', label: 'x', op: 'product', of: 'income', by: 'income' }] },
    ]) {
      expect(validate(spoiled)).toBe(false);
      expect(descriptionSchema.safeParse(spoiled).success).toBe(false);
    }
  });

  test('refuses what only training can say, and an income that could fall first', () => {
    const [share] = SAVINGS_FILE.description.derived!;
    const trained = { ...share, trained: { min: 0, max: 1 } };
    const derived = { ...SAVINGS_FILE.description, derived: [trained] };
    expect(descriptionSchema.safeParse(derived).success).toBe(false);
    const [income, ...others] = SAVINGS_FILE.description.features;
    const features = [{ ...income!, discretionary: true }, ...others];
    const [fault, ...more] = faultsOfDescription({ ...SAVINGS_FILE.description, features });
    expect(more).toEqual([]);
    expect(fault).toEqual({ path: ['features', 0], message: 'only an expense can be discretionary or not' });
  });

  test('has rules and examples as a manifest has them, and faults of these by their keys', () => {
    const { description } = SAVINGS_FILE;
    expect([SAVINGS.rules, SAVINGS.examples]).toEqual([description.rules, description.examples]);
    const [rule] = description.rules!;
    const [example] = description.examples!;
    const spoiled = {
      ...description,
      rules: [{ ...rule!, of: { expenses: ['age'] } }],
      examples: [{ ...example!, inputs: { ...example!.inputs, income: 0 } }],
    };
    expect(faultsOfDescription(spoiled).map(({ path }) => path.join('.'))).toEqual([
      'rules.0.of.expenses.0',
      'examples.0.inputs',
    ]);
  });

  test('says of every key at the top what it is for', async () => {
    const { properties } = JSON.parse(await published());
    expect(Object.entries<object>(properties).filter(([, key]) => !('description' in key))).toEqual([]);
  });
});
