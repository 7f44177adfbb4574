import type { ForestJson, NodeJson, SplitJson } from '../../src/forest/format.ts';
import { below, pick, randomFrom } from './random.ts';

export interface Shape {
  trees: number;
  features: number;
  maxDepth: number;
  /** Whether every node carries our `mean` and `count`. */
  annotated?: boolean;
  /** Whether every leaf carries quantiles. */
  quantiles?: boolean;
}

/** Few different numbers, so that rows often lie on a threshold and outputs often tie, as 0 and -0 do. */
const NUMBERS = [0, -0, 1, -1, 0.1, 1 / 3, 2.5, -7.25, 1e-300, 5e-324, 1e15, -1e150];

/** A valid forest of any shape, unlike what training gives: uneven trees, repeated columns, odd thresholds. */
export function randomForest(seed: number, shape: Shape): ForestJson {
  const random = randomFrom(seed);
  const number = () => (random() < 0.5 ? pick(random, NUMBERS) : Math.round((random() - 0.5) * 64) / 8);
  const notes = () => (shape.annotated ? { mean: number(), count: 1 + below(random, 50) } : {});
  const quantiles = () =>
    shape.quantiles ? { quantiles: [number(), number()].sort((a, b) => a - b) as [number, number] } : {};
  const node = (columns: number, depth: number): NodeJson =>
    depth >= shape.maxDepth || random() < 0.2
      ? { distribution: number(), ...notes(), ...quantiles() }
      : {
          splitColumn: below(random, columns),
          splitValue: number(),
          ...notes(),
          left: node(columns, depth + 1),
          right: node(columns, depth + 1),
        };
  const indexes = Array.from({ length: shape.trees }, () =>
    Array.from({ length: 1 + below(random, shape.features) }, () => below(random, shape.features)),
  );
  return {
    baseModel: {
      indexes,
      n: shape.features,
      replacement: true,
      maxFeatures: 1,
      nEstimators: shape.trees,
      treeOptions: {},
      isClassifier: false,
      seed,
      estimators: indexes.map((columns) => ({
        options: {},
        root: node(columns.length, 0),
        name: 'DTRegression',
      })),
      useSampleBagging: true,
    },
    selectionMethod: 'mean',
    name: 'RFRegression',
  };
}

/** [features] thresholds of a forest by the column of the row that they are compared with. */
function thresholds(forest: ForestJson, features: number): number[][] {
  const found: number[][] = Array.from({ length: features }, () => []);
  forest.baseModel.estimators.forEach(({ root }, tree) => {
    const visit = (node: NodeJson) => {
      if ('distribution' in node) return;
      const split = node as SplitJson;
      found[forest.baseModel.indexes[tree][split.splitColumn]].push(split.splitValue);
      visit(split.left);
      visit(split.right);
    };
    visit(root);
  });
  return found;
}

const SPECIAL = [NaN, Infinity, -Infinity, 0, -0, Number.MAX_VALUE, -Number.MAX_VALUE, 5e-324, 1e-9];

/** The nearest float64 above (`by` 1) or below (`by` -1) a finite one. */
export function neighbour(value: number, by: 1 | -1): number {
  if (value === 0) return by * 5e-324;
  const bits = new BigInt64Array(Float64Array.of(value).buffer);
  bits[0] += BigInt(value > 0 ? by : -by);
  return new Float64Array(bits.buffer)[0];
}

/** Rows made to be hard: on a threshold, one unit in the last place beside one, NaN, infinities, zeros of both signs. */
export function edgeRows(forest: ForestJson, features: number, count: number, seed: number): number[][] {
  const random = randomFrom(seed);
  const byColumn = thresholds(forest, features);
  return Array.from({ length: count }, () => {
    const kind = random();
    return byColumn.map((values) => {
      const onThreshold = values.length > 0 ? pick(random, values) : random() * 10;
      if (kind < 0.3) return onThreshold;
      if (kind < 0.6) return neighbour(onThreshold, random() < 0.5 ? 1 : -1);
      if (kind < 0.9) return random() < 0.3 ? pick(random, SPECIAL) : (random() - 0.5) * 20;
      return pick(random, SPECIAL);
    });
  });
}
