import { describe, expect, test } from 'bun:test';
import { compile } from '../../src/forest/predict.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import { Model } from '../../src/model/model.ts';
import { verifyArtifact } from '../../src/model/artifact/verify.ts';
import { modelCard } from '../../src/training/card.ts';
import { testApp } from '../support/app.ts';
import { HOSTILE_TEXTS, withTexts } from '../support/hostile-texts.ts';
import { structureOf, textOf } from '../support/html.ts';
import { testArtifact } from '../support/model.ts';

const { manifest, forest } = verifyArtifact(await testArtifact());

async function pageOf(changed: Manifest, path: string): Promise<string> {
  const model = new Model(changed, 'f'.repeat(64), compile(forest));
  const state = { model, loadedAt: new Date(), stale: undefined, failure: undefined };
  return await (await (await testApp({ live: { model, state } })).app.request(path)).text();
}

describe('what a manifest says', () => {
  test('stays text on every page', async () => {
    for (const path of ['/', '/model', '/batch', '/docs']) {
      const plain = structureOf(await pageOf(withTexts(manifest, 'plain'), path));
      for (const text of HOSTILE_TEXTS)
        expect(structureOf(await pageOf(withTexts(manifest, text), path))).toEqual(plain);
    }
  });

  test('and what speaks against a model is on its card', async () => {
    expect(await pageOf(manifest, '/model')).not.toContain('Take care');
    const worse = { ...manifest, metrics: { ...manifest.metrics, model: manifest.metrics.mean } };
    expect(textOf(await pageOf(worse, '/model'), 'main')).toContain(
      'Take care: it is no better than always answering the mean',
    );
  });

  test('and when it is no better than a few rates by income, or nobody measured that', async () => {
    const { brackets, ...others } = manifest.metrics;
    const shown = async (metrics: Manifest['metrics']) =>
      textOf(await pageOf({ ...manifest, metrics }, '/model'), 'main');
    expect(await shown({ ...others, model: brackets!, brackets: brackets! })).toContain(
      'It is about as good as rates by income bracket, capped: a mean absolute error of',
    );
    const first = await shown(others);
    expect(first).toContain('A straight line');
    expect(first).not.toMatch(/by income bracket/i);
  });

  const { kind: _, ...unrecorded } = manifest.data;
  const dataOf = (kind: Manifest['data']['kind']) => (kind ? { ...unrecorded, kind } : unrecorded);
  const TOLD = [
    ['synthetic', 'Learned from 400 made-up households, not surveyed ones'],
    ['survey', 'Learned from 400 surveyed households'],
    ['records', 'Learned from 400 households on record'],
    [undefined, 'What this model learned from is not recorded'],
  ] as const;

  test.each(TOLD)('and of data of the kind %p nothing that is true of another', async (kind, sentence) => {
    const changed = { ...manifest, data: { ...dataOf(kind), source: 'A file' } };
    const texts = await Promise.all(
      ['/', '/model', '/batch', '/docs'].map(async (path) => textOf(await pageOf(changed, path), 'main')),
    );
    for (const text of [...texts, modelCard(changed)]) {
      for (const [, other] of TOLD) expect(text.includes(other)).toBe(other === sentence);
      // No household is like another because a model was shown both, nor known to do what the data says.
      expect(text).not.toMatch(
        /households? like|like yours|like those|very few|few do better|other households|most households|of 10 households(?! in its data)|% of households(?! in its data)|could save|possible monthly savings/i,
      );
    }
  });

  test('and that it follows income in steps, where these are all that it learned', async () => {
    const { brackets, ...others } = manifest.metrics;
    const shown = async (metrics: Partial<Manifest['metrics']>) =>
      textOf(await pageOf({ ...manifest, metrics: { ...others, ...metrics } }, '/'), '.provenance');
    const learned = 'Learned from 400 made-up households, not surveyed ones';
    expect(await shown({ brackets: brackets! })).toBe(`${learned}; it follows income in steps.`);
    expect(await shown({})).toBe(`${learned}.`);
    expect(await shown({ brackets: others.mean })).toBe(`${learned}.`);
    expect(await shown({ brackets: { mae: 1, rmse: 1, r2: 1 } })).toBe(
      `${learned}; a few rates by income do better.`,
    );
    // A straight line does as well: there are no steps to speak of.
    expect(await shown({ brackets: others.linear, model: others.linear })).toBe(
      `${learned}; a few rates by income do as well.`,
    );
  });
});
