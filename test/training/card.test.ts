import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { isPrintable } from '../../src/printable.ts';
import { markdownText, modelCard } from '../../src/training/card.ts';
import { testArtifact } from '../support/model.ts';

/** As a reader of the card's page sees it. */
const shown = (html: string) => {
  const text: string[] = [];
  new HTMLRewriter().onDocument({ text: (chunk) => void text.push(chunk.text) }).transform(html);
  return text
    .join('')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
};
const render = (markdown: string) => Bun.markdown.html(markdown, { tables: true, strikethrough: true });

const HOSTILE = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '[click](javascript:alert(1))',
  '![x](http://tracker)',
  '# no heading',
  '**bold** _and_ `code` ~~gone~~',
  'a | b | c',
  '\\| &lt; &#60;',
];

test('texts from outside stay texts in the model card', async () => {
  const { manifest } = await testArtifact();
  const elements = (html: string) => html.replace(/>[^<]*</g, '><');
  const plain = render(modelCard(manifest));
  for (const text of HOSTILE) {
    const card = modelCard({
      ...manifest,
      data: { ...manifest.data, source: text, licence: text },
      features: manifest.features.map((feature) => ({ ...feature, label: text, unit: text })),
      target: { ...manifest.target, label: text, unit: text },
      trainer: {
        ...manifest.trainer,
        library: text,
        libraryVersion: text,
        options: { ...manifest.trainer.options, nEstimators: text },
      },
    });
    const html = render(card);
    expect(elements(html)).toBe(elements(plain));
    expect(shown(html)).toContain(`Source: ${text}`);
    expect(shown(html)).toContain(`nEstimators: ${text}`);
  }
});

test('any printable text is shown as it is, in a sentence and in a cell', () => {
  const text = fc
    .string({ unit: 'grapheme', maxLength: 40 })
    .filter((value) => isPrintable(value) && value.trim() === value);
  fc.assert(
    fc.property(text, (value) => {
      expect(shown(render(`Source: ${markdownText(value)}.`)).trim()).toBe(`Source: ${value}.`);
      const cell = shown(render(`| a | b |\n| --- | --- |\n| x${markdownText(value)}x | y |`));
      expect(cell).toContain(`x${value}x`);
    }),
  );
});
