import { flatten } from '../src/forest/flatten.ts';
import { checkForest } from '../src/forest/format.ts';
import { compile } from '../src/forest/predict.ts';
import { FEATURES, households, rowsOf } from './households.ts';

const compressed = new Uint8Array(await Bun.file(process.argv[2]).arrayBuffer());
const steps: [name: string, ms: number][] = [];
// Not resourceUsage().maxRSS: a child process begins with its parent's.
let peakBytes = 0;
const timed = <T>(name: string, act: () => T): T => {
  const start = performance.now();
  const result = act();
  steps.push([name, performance.now() - start]);
  peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
  return result;
};

const text = timed('unpack', () => new TextDecoder().decode(Bun.gunzipSync(compressed)));
const parsed = timed('parse', () => JSON.parse(text));
const json = timed('check', () => checkForest(parsed, { features: FEATURES }));
const forest = timed('flatten', () => flatten(json, FEATURES));
const evaluator = timed('compile', () => compile(forest));
timed('answer', () => evaluator.predictOne(rowsOf(households(1, 5))));

const all = steps.reduce((sum, [, ms]) => sum + ms, 0);
console.log(
  `${(compressed.length / 1e6).toFixed(1)} MB gzip, ${(text.length / 1e6).toFixed(1)} MB JSON: ${all.toFixed(0)} ms ` +
    `(${steps.map(([name, ms]) => `${name} ${ms.toFixed(0)}`).join(', ')}), ` +
    `peak ${(peakBytes / 1e6).toFixed(0)} MB resident.`,
);
