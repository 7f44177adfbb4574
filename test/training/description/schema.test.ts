import { describe, expect, test } from 'bun:test';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { descriptionJsonSchema, descriptionSchema } from '../../../src/training/description/schema.ts';

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

  test('says of every key at the top what it is for', async () => {
    const { properties } = JSON.parse(await published());
    expect(Object.entries<object>(properties).filter(([, key]) => !('description' in key))).toEqual([]);
  });
});
