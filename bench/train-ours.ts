/** Ours on the rows that train.ts wrote, in a process of its own as the peers are: train-ours.ts FOLDER FEATURES THREADS METHOD */
import { closeSync, fstatSync, openSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { flatten } from '../src/forest/flatten.ts';
import type { ForestJson } from '../src/forest/format.ts';
import { compile } from '../src/forest/predict.ts';
import type { TrainOptions } from '../src/forest/train/train-options.ts';
import { TRAINING, trainOnCores } from './train-forest.ts';

const [folder, features, threads, method] = process.argv.slice(2);
const width = Number(features);
/** Numbers of a file, from so many on; to its end, or so many. */
function read(name: string, from = 0, count?: number): Float64Array {
  const file = openSync(join(folder, `${name}.f64`), 'r');
  const numbers = new Float64Array(count ?? fstatSync(file).size / 8);
  readSync(file, numbers, 0, numbers.byteLength, from * 8);
  closeSync(file);
  return numbers;
}
const target = read('fit-y');
const columns = Array.from({ length: width }, (_, c) =>
  read('fit-columns', c * target.length, target.length),
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
