import { describe, expect, test } from 'bun:test';
import type { Manifest } from '../../src/model/manifest.ts';
import { provenanceOf } from '../../src/model/provenance.ts';
import { testArtifact } from '../support/model.ts';

const { manifest } = await testArtifact();
const { sha256, licence } = manifest.data;

function told(data: Partial<Manifest['data']>, rows = 20_000): string {
  const trainer = { ...manifest.trainer, rows };
  return provenanceOf({
    ...manifest,
    trainer,
    data: { source: 'A survey of towns.', sha256, licence, ...data },
  });
}

describe('provenanceOf', () => {
  test.each([
    [{ kind: 'synthetic' }, 'Learned from 20,000 made-up households, not surveyed ones'],
    [{ kind: 'synthetic', year: 2026 }, 'Learned from 20,000 made-up households, not surveyed ones'],
    [{ kind: 'survey' }, 'Learned from 20,000 surveyed households (A survey of towns)'],
    [{ kind: 'survey', year: 2023 }, 'Learned from 20,000 surveyed households (A survey of towns, 2023)'],
    [{ kind: 'survey', source: '' }, 'Learned from 20,000 surveyed households'],
    [{ kind: 'survey', source: ' ', year: 2023 }, 'Learned from 20,000 surveyed households (2023)'],
    [{ kind: 'records', year: 2023 }, 'Learned from 20,000 households on record (A survey of towns, 2023)'],
    [{}, 'What this model learned from is not recorded'],
    [{ year: 2023 }, 'What this model learned from is not recorded'],
  ] as const)('of %j', (data, sentence) => {
    expect(told(data)).toBe(sentence);
  });

  test('writes the number as the reader does', () => {
    const trainer = { ...manifest.trainer, rows: 200_000 };
    expect(provenanceOf({ ...manifest, trainer }, () => '2,00,000')).toBe(
      'Learned from 2,00,000 made-up households, not surveyed ones',
    );
  });

  test('the sample says that it is made up', () => {
    expect(manifest.data.kind).toBe('synthetic');
  });
});
