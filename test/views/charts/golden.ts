import { expect } from 'bun:test';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatFor } from '../../../src/views/format.ts';

/** Write what is drawn now in place of what was: UPDATE_GOLDEN=1 bun test test/views. Then look at the difference. */
const UPDATE = process.env.UPDATE_GOLDEN === '1';

/** How the golden charts' numbers are written. */
export const rupees = formatFor('en-IN', 'INR');

/** Compares one chart, character for character, with golden/<name>.svg beside this file. */
export function expectGolden(name: string, chart: { toString(): string | Promise<string> }): void {
  const path = join(import.meta.dir, 'golden', `${name}.svg`);
  const svg = `${chart.toString()}`.replaceAll('><', '>\n<').concat('\n');
  if (UPDATE) writeFileSync(path, svg);
  if (!existsSync(path)) throw new Error(`${name}.svg is missing: run UPDATE_GOLDEN=1 bun test test/views`);
  expect(svg).toBe(readFileSync(path, 'utf8'));
}

/** Every finite number in the markup's geometry; a chart of any numbers must hold no other. */
export function expectDrawable(chart: { toString(): string | Promise<string> }): void {
  const svg = `${chart.toString()}`;
  expect(svg).not.toMatch(/NaN|Infinity|undefined|null/);
  expect(svg).not.toMatch(/(width|height)="-/);
  expect(svg).not.toContain('style=');
}
