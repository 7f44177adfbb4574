import type { Manifest } from '../../src/model/manifest.ts';

/** Printable, and something else than text to whoever does not escape it. */
export const HOSTILE_TEXTS = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onfocus=alert(1) autofocus='",
  '[click](javascript:alert(1))',
  '![x](http://tracker.example)',
  '# no heading',
  '**bold** _and_ `code` ~~gone~~',
  'a | b | c',
  '\\| &lt; &#60;',
];

/** A manifest that says this wherever it may say anything. */
export function withTexts(manifest: Manifest, text: string): Manifest {
  const { trainer, data, target, derived, features, rules } = manifest;
  const trainerSays = { library: text, libraryVersion: text, options: { ...trainer.options, [text]: text } };
  return {
    ...manifest,
    features: features.map((feature) => ({
      ...feature,
      label: text,
      unit: text,
      group: text,
      help: text,
    })),
    derived: derived.map((column) => ({ ...column, label: text })),
    rules: (rules ?? []).map((rule) => ({
      ...rule,
      label: text,
      note: text,
      source: { ...rule.source, name: text },
    })),
    target: { ...target, label: text, unit: text },
    trainer: { ...trainer, ...trainerSays },
    // A kind whose sentence names the source.
    data: { ...data, source: text, licence: text, kind: 'survey' },
  };
}
