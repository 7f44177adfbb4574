import type { Artifact } from '../../src/model/artifact/artifact.ts';
import { loadModel } from '../../src/model/artifact/load.ts';
import type { Model } from '../../src/model/model.ts';
import { Random } from '../../src/dataset/synthetic/random.ts';
import { readDescription } from '../../src/training/description/read-description.ts';
import { trainCsvModel } from '../../src/training/train-csv.ts';
import { spawnLoadWorker } from '../../src/workers.ts';
import { SURVEY, surveyCsv } from './survey.ts';

/** Models of another shape than the savings model's, each by its description and the rows to train it on. */
export const OTHER_MODELS = {
  /** Nothing of it is money. */
  trunks: {
    description: {
      name: 'trunks',
      features: [
        { name: 'height', column: 'Height', kind: 'number', unit: 'm', help: 'From the ground to the top.' },
        { name: 'age', column: 'Age', kind: 'integer', unit: 'years' },
        { name: 'soil', column: 'Soil', kind: 'choice' },
      ],
      derived: [{ name: 'growth', label: 'Growth', op: 'ratio', of: 'height', by: 'age' }],
      target: { column: 'Width', label: 'Trunk width', unit: 'm' },
      data: { kind: 'survey', source: 'A walk in the wood' },
    },
    csv: trunksCsv,
  },
  /** Pounds a week, of no household's budget. */
  'weekly-pounds': {
    description: {
      ...SURVEY,
      name: 'weekly-pounds',
      features: SURVEY.features.map(({ role: _, ...feature }) => feature),
      target: { column: 'Put aside', label: 'Money put by' },
      data: { kind: 'records' },
    },
    csv: () => surveyCsv(),
  },
  /** An income alone, of which nothing is known to be spent. */
  'income-alone': {
    description: {
      ...SURVEY,
      name: 'income-alone',
      features: SURVEY.features.map(({ role, ...feature }) =>
        role === 'income' ? { ...feature, role } : feature,
      ),
      target: { column: 'Put aside', label: 'Money put by' },
    },
    csv: () => surveyCsv(),
  },
  /** Pounds a week, with an income and an expense. */
  'weekly-budget': {
    description: { ...SURVEY, name: 'weekly-budget', target: { column: 'Put aside', label: 'Money put by' } },
    csv: () => surveyCsv(),
  },
} as const;

export type OtherModel = keyof typeof OTHER_MODELS;

const models = new Map<OtherModel, Promise<{ artifact: Artifact; model: Model }>>();

/** One of them, trained and loaded as the server loads it; the same for every test of this process. */
export function otherModel(name: OtherModel): Promise<{ artifact: Artifact; model: Model }> {
  let made = models.get(name);
  if (made === undefined) {
    made = make(name);
    models.set(name, made);
  }
  return made;
}

async function make(name: OtherModel) {
  const { description, csv } = OTHER_MODELS[name];
  const bytes = (text: string) => new TextEncoder().encode(text);
  const artifact = await trainCsvModel({
    description: readDescription(bytes(JSON.stringify(description)), `${name}.json`),
    csv: async function* () {
      yield bytes(csv());
    },
    fileName: `${name}.csv`,
    forest: { trees: 20, depth: 6, nodeSize: 8 },
    version: `${name}-1`,
    now: new Date(Date.UTC(2026, 0, 1)),
  });
  return { artifact, model: await loadModel(artifact, { spawn: spawnLoadWorker }) };
}

function trunksCsv(): string {
  const random = new Random(7);
  const lines = ['Height,Age,Soil,Width'];
  for (let row = 0; row < 600; row++) {
    const age = random.integer(5, 120);
    const height = 2 + 0.2 * age + Math.abs(random.normal());
    const soil = ['clay', 'loam', 'sand'][random.integer(0, 2)]!;
    const width = 0.02 * height + (soil === 'loam' ? 0.1 : 0) + 0.02 * random.normal();
    lines.push([height.toFixed(2), age, soil, Math.max(0.05, width).toFixed(3)].join());
  }
  return `${lines.join('\n')}\n`;
}
