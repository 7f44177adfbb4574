import { type Examples, takeExamples } from '../dataset/examples.ts';
import { Random } from '../dataset/synthetic/random.ts';
import { meanOf, scoresOf, standardDeviationOf } from '../dataset/scores.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Model } from '../model/model.ts';
import { evaluate } from './evaluate.ts';
import { report, type ProgressHooks } from './progress.ts';

const MAX_ROWS = 2000;
const REPEATS = 5;

/**
 * Permutation importance (Breiman 2001; Fisher, Rudin and Dominici 2019) of the named inputs: one is shuffled among
 * the rows, the derived columns are computed afresh, and the growth of the mean absolute error is what it was worth.
 * Largest first.
 */
export async function importancesOf(
  model: Model,
  holdout: Examples,
  seed: number,
  hooks: ProgressHooks,
): Promise<Manifest['importances']> {
  const random = new Random(seed);
  const rows = Math.min(MAX_ROWS, holdout.rows);
  const sample = takeExamples(
    holdout,
    Int32Array.from({ length: rows }, (_, row) => row),
  );
  const quiet: ProgressHooks = { signal: hooks.signal };
  const maeOf = async (examples: Examples) => {
    const { amount } = await evaluate(model, examples, 'importances', quiet);
    return scoresOf(amount, examples.target, examples.weights).mae;
  };

  const features = model.manifest.features;
  const base = await maeOf(sample);
  const importances: Manifest['importances'] = [];
  for (const [f, { name }] of features.entries()) {
    const increases = new Float64Array(REPEATS);
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      const shuffled = { ...sample, inputs: sample.inputs.slice() };
      const order = random.shuffle(Int32Array.from({ length: rows }, (_, row) => row));
      for (let row = 0; row < rows; row++) {
        shuffled.inputs[row * features.length + f] = sample.inputs[order[row] * features.length + f];
      }
      increases[repeat] = (await maeOf(shuffled)) - base;
      const done = f * REPEATS + repeat + 1;
      await report(hooks, { phase: 'importances', done, total: features.length * REPEATS });
    }
    importances.push({
      feature: name,
      maeIncrease: meanOf(increases),
      standardDeviation: standardDeviationOf(increases),
    });
  }
  return importances.sort((a, b) => b.maeIncrease - a.maeIncrease);
}
