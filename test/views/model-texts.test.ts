import { describe, expect, test } from 'bun:test';
import { compile } from '../../src/forest/predict.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import { Model } from '../../src/model/model.ts';
import { verifyArtifact } from '../../src/model/artifact/verify.ts';
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

  test('and what it learned from, or that nobody recorded it', async () => {
    const { kind: _, ...data } = manifest.data;
    expect(textOf(await pageOf(manifest, '/model'), 'main')).toContain(
      'Learned from 400 made-up households, not surveyed ones.',
    );
    expect(textOf(await pageOf({ ...manifest, data }, '/model'), 'main')).toContain(
      'What this model learned from is not recorded.',
    );
  });
});
