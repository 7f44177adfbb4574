/** Ours on the rows that train.ts wrote, in a process of its own as the peers are: train-ours.ts FOLDER FEATURES THREADS METHOD */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { flatten } from '../src/forest/flatten.ts';
import type { ForestJson } from '../src/forest/format.ts';
import { compile } from '../src/forest/predict.ts';
import type { TrainOptions } from '../src/forest/train/train-options.ts';
import { TRAINING, trainOnCores } from './train-forest.ts';

const [folder, features, threads, method] = process.argv.slice(2);
const width = Number(features);
const read = (name: string) => {
  const bytes = readFileSync(join(folder, `${name}.f64`));
  return new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8);
};
const target = read('fit-y');
const rows = read('fit-x');
const columns = Array.from({ length: width }, (_, c) =>
  Float64Array.from(target, (_, r) => rows[r * width + c]),
);
const options = { ...TRAINING, ...(method && { method }) } as Partial<TrainOptions>;

const cpuBefore = process.cpuUsage();
const start = performance.now();
const json = await trainOnCores({ columns, target }, options, Number(threads));
const wallSeconds = (performance.now() - start) / 1_000;
const { user, system } = process.cpuUsage(cpuBefore);
const holdout = read('holdout-x');
const evaluator = compile(flatten(JSON.parse(json) as ForestJson, width));
writeFileSync(join(folder, 'predicted.f64'), evaluator.predictBatch(holdout, holdout.length / width));
console.log(JSON.stringify({ version: '', cpuSeconds: (user + system) / 1e6, wallSeconds }));
