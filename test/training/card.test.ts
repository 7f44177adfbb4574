import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { isPrintable } from '../../src/printable.ts';
import { markdownText, modelCard } from '../../src/training/card.ts';
import { HOSTILE_TEXTS, withTexts } from '../support/hostile-texts.ts';
import { structureOf, textOf } from '../support/html.ts';
import { testArtifact } from '../support/model.ts';

const render = (markdown: string) =>
  `<main>${Bun.markdown.html(markdown, { tables: true, strikethrough: true })}</main>`;
const shown = (markdown: string) => textOf(render(markdown), 'main');

test('texts from outside stay texts in the model card', async () => {
  const { manifest } = await testArtifact();
  const plain = structureOf(render(modelCard(withTexts(manifest, 'plain'))));
  for (const text of HOSTILE_TEXTS) {
    const card = modelCard(withTexts(manifest, text));
    expect(structureOf(render(card))).toEqual(plain);
    for (const told of [
      `households (${text})`,
      `Source: ${text}`,
      `Licence: ${text}`,
      `(${text} ${text})`,
      `${text}: ${text}`,
    ])
      expect(shown(card)).toContain(told);
  }
});

test('any printable text is shown as it is, in a sentence and in a cell', () => {
  const text = fc
    .string({ unit: 'grapheme', maxLength: 40 })
    .filter((value) => isPrintable(value) && value.trim() === value);
  fc.assert(
    fc.property(text, (value) => {
      expect(shown(`Source: ${markdownText(value)}.`).trim()).toBe(`Source: ${value}.`);
      expect(shown(`| a | b |\n| --- | --- |\n| x${markdownText(value)}x | y |`)).toContain(`x${value}x`);
    }),
  );
});

test('shows what the model learned from, and the rates by income beside the other rules', async () => {
  const { manifest } = await testArtifact();
  const { brackets, ...others } = manifest.metrics;
  const told = shown(
    modelCard({ ...manifest, metrics: { ...others, model: brackets!, brackets: brackets! } }),
  );
  expect(told).toContain(
    'Learned from 400 made-up households, not surveyed ones; it follows income in steps.',
  );
  expect(told).toContain('rates by income bracket, capped');
  expect(told).toContain('It is about as good as rates by income bracket, capped: a mean absolute error of');

  const { kind: _, ...data } = manifest.data;
  const first = shown(modelCard({ ...manifest, format: 'savings-model/1', data, metrics: others }));
  expect(first).toContain('What this model learned from is not recorded.');
  expect(first).not.toContain('income bracket');
});
