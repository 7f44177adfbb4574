import { counted } from './counted.ts';
import type { Manifest } from './manifest.ts';
import { wordsOf } from './words.ts';
import { againstBrackets, ratesOf } from './shortcomings.ts';

/**
 * What a model learned from, as a sentence without its full stop. The source in it is the manifest's own text: whoever
 * shows the sentence escapes it.
 *
 * @param number how a number is written for the reader
 */
export function provenanceOf(
  { data, trainer, ...described }: Pick<Manifest, 'data' | 'trainer' | 'features' | 'target'>,
  number: (value: number) => string = inEnglish,
): string {
  const { kind, year } = data;
  const { one, many } = wordsOf(described);
  const rows = (attribute: string) =>
    trainer.rows === undefined
      ? `${attribute}${many}`
      : counted(trainer.rows, `${attribute}${one}`, number(trainer.rows));
  const details = [data.source.trim().replace(/\.$/, ''), year].filter(Boolean).join(', ');
  const named = details === '' ? '' : ` (${details})`;
  switch (kind) {
    case 'synthetic':
      return `Learned from ${rows('made-up ')}, not surveyed ones`;
    case 'survey':
      return `Learned from ${rows('surveyed ')}${named}`;
    case 'records':
      return `Learned from ${rows('')} on record${named}`;
    case undefined:
      return 'What this model learned from is not recorded';
  }
}

/**
 * What a model learned from, and what that came to where a few steps of income are all of it: a whole sentence, to stand
 * beside a prediction.
 *
 * @param number how a number is written for the reader
 */
export function provenanceSentence(
  manifest: Pick<Manifest, 'data' | 'trainer' | 'metrics' | 'features' | 'target'>,
  number: (value: number) => string = inEnglish,
): string {
  const said = provenanceOf(manifest, number);
  switch (againstBrackets(manifest)) {
    case 'steps':
      return `${said}; it follows income in steps.`;
    case 'alike':
      return `${said}; a few ${ratesOf(manifest.target)} by income do as well.`;
    case 'worse':
      return `${said}; a few ${ratesOf(manifest.target)} by income do better.`;
    default:
      return `${said}.`;
  }
}

function inEnglish(value: number): string {
  return value.toLocaleString('en');
}
