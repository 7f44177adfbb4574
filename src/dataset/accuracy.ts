import { type Estimate, estimate, type Figure, GroupedSums } from './bootstrap.ts';

/** What is known of the rows; [rows] each. */
export interface Truth {
  target: Float64Array;
  /** Above 0; all alike where they are left out. */
  weights?: Float64Array | undefined;
  /** By how much a target may miss an interval for being rounded, in its unit. */
  slack?: number;
}

/** What a model answers for the same rows, or a simple rule, which has no interval; [rows] each, in the target's unit. */
export interface Answers {
  amount: Float64Array;
  low?: Float64Array;
  high?: Float64Array;
}

/** How near answers are; amounts in the target's unit. */
export interface Accuracy {
  mae: Estimate;
  rmse: Estimate;
  /** The mean of what was answered less the truth: above 0, answers are too high. */
  bias: Estimate;
  r2: Estimate;
  /** Share of the rows whose truth lies in the interval, and how wide that is on average. */
  coverage?: Estimate;
  width?: Estimate;
}

export interface Accuracies {
  rows: number;
  /** So many rows of equal weight would say as much (Kish 1965): the rows themselves, where they have no weights. */
  effectiveRows: number;
  /** One for each of the answers, in their order. */
  accuracies: Accuracy[];
  /** The mean absolute error of the first less that of each of the others, row by row. */
  maeDifferences: Estimate[];
}

// What is summed of a row: first of its truth, and then of each of the answers.
const WEIGHT = 0;
const TARGET = 1;
const TARGET_SQUARED = 2;
const WEIGHT_SQUARED = 3;
const OF_TRUTH = 4;
const ABSOLUTE = 0;
const SQUARED = 1;
const ERROR = 2;
const COVERED = 3;
const WIDTH = 4;
/** The first answers' absolute error less theirs, by the weight squared, and its square by the same. */
const GAP = 5;
const GAP_SQUARED = 6;
const OF_ANSWERS = 7;

/**
 * The errors of several answers for the same rows, with their intervals.
 *
 * @param chosen the rows that count; all, where they are left out
 * @returns undefined when there are none
 */
export function accuraciesOf(
  { target, weights, slack = 0 }: Truth,
  answers: readonly Answers[],
  chosen: ArrayLike<number> = Int32Array.from(target.keys()),
): Accuracies | undefined {
  const rows = chosen.length;
  if (rows === 0) return undefined;
  const sums = new GroupedSums(OF_TRUTH + OF_ANSWERS * answers.length, rows);
  const quantities = new Float64Array(sums.width);
  // Squares of what lies far from 0 would lose what sets them apart.
  const centre = target[chosen[0]];
  for (let i = 0; i < rows; i++) {
    const row = chosen[i];
    const weight = weights?.[row] ?? 1;
    const truth = target[row] - centre;
    quantities[WEIGHT] = weight;
    quantities[TARGET] = weight * truth;
    quantities[TARGET_SQUARED] = weight * truth ** 2;
    quantities[WEIGHT_SQUARED] = weight ** 2;
    const first = Math.abs(answers[0].amount[row] - target[row]);
    for (const [a, { amount, low, high }] of answers.entries()) {
      const at = OF_TRUTH + a * OF_ANSWERS;
      const error = amount[row] - target[row];
      quantities[at + ABSOLUTE] = weight * Math.abs(error);
      quantities[at + SQUARED] = weight * error ** 2;
      quantities[at + ERROR] = weight * error;
      const gap = first - Math.abs(error);
      quantities[at + GAP] = weight ** 2 * gap;
      quantities[at + GAP_SQUARED] = (weight * gap) ** 2;
      if (low === undefined || high === undefined) continue;
      const isCovered = target[row] >= low[row] - slack && target[row] <= high[row] + slack;
      quantities[at + COVERED] = isCovered ? weight : 0;
      quantities[at + WIDTH] = weight * (high[row] - low[row]);
    }
    sums.add(quantities);
  }
  const figures = answers.flatMap((_, a) => [...figuresOf(a), differenceTo(a)]);
  const estimates = estimate(sums, figures);
  const total = sums.total();
  const each = answers.map((_, a) => estimates.slice(a * FIGURES, (a + 1) * FIGURES));
  return {
    rows,
    effectiveRows: total[WEIGHT] ** 2 / total[WEIGHT_SQUARED],
    accuracies: each.map(([mae, rmse, bias, r2, coverage, width], a) => ({
      ...{ mae, rmse, bias, r2 },
      ...(answers[a].low && { coverage, width }),
    })),
    maeDifferences: each.slice(1).map((of) => of[FIGURES - 1]),
  };
}

const FIGURES = 7;

function figuresOf(answers: number): Figure[] {
  const at = OF_TRUTH + answers * OF_ANSWERS;
  const mean = (quantity: number) => ({ of: (sums: Float64Array) => sums[at + quantity] / sums[WEIGHT] });
  return [
    mean(ABSOLUTE),
    { of: (sums) => Math.sqrt(sums[at + SQUARED] / sums[WEIGHT]) },
    mean(ERROR),
    {
      of(sums) {
        const variance = sums[TARGET_SQUARED] - sums[TARGET] ** 2 / sums[WEIGHT];
        return variance > 0 ? 1 - sums[at + SQUARED] / variance : 0;
      },
    },
    mean(COVERED),
    mean(WIDTH),
  ];
}

/** The first's mean absolute error less that of others, with the standard error of a weighted mean. */
function differenceTo(others: number): Figure {
  const at = OF_TRUTH + others * OF_ANSWERS;
  const of = (sums: Float64Array) => (sums[OF_TRUTH + ABSOLUTE] - sums[at + ABSOLUTE]) / sums[WEIGHT];
  return {
    of,
    standardError(sums) {
      const mean = of(sums);
      const squares = sums[at + GAP_SQUARED] - 2 * mean * sums[at + GAP] + mean ** 2 * sums[WEIGHT_SQUARED];
      return Math.sqrt(Math.max(0, squares)) / sums[WEIGHT];
    },
  };
}
