import type { Examples } from '../dataset/examples.ts';
import { Encoder } from '../model/encoder.ts';
import type { Manifest } from '../model/manifest.ts';

const MOST_BRACKETS = 5;
/** Fewer rows than these, or than this share of all, say too little about a bracket of their own. */
const MIN_ROWS = 10;
const MIN_SHARE = 0.005;
/** Brackets begin at one of so many quantiles of income, since the time grows with the square of their number. */
const MOST_EDGES = 1000;
/** A share of the whole variance: what is left below it is rounding, which no further bracket explains. */
const ROUNDING = 1e-9;

/** Incomes from `from` on, up to where the next bracket begins, have this output: a rate, or an amount under `identity`. */
export interface Bracket {
  from: number;
  output: number;
}

type Description = Pick<Manifest, 'features' | 'derived' | 'encoding' | 'target'>;

/**
 * The best few rates by income, held within the clamp: what a table of a few lines would answer. A rate is a share of the
 * feature that the target is multiplied by; where there is none, a bracket has an amount.
 *
 * The error is the squared one of the output, which a forest is grown by too, so that the two differ only in what they
 * look at. Sums of squares let dynamic programming try every division (at up to 1,000 quantiles of income); there are
 * as many brackets, up to 5, as Schwarz' criterion finds worth their edges (Yao 1988). Rows whose target is all that the
 * clamp lets through would blur the edges, since no rate shows in them: edges are found on the others, outputs on all.
 *
 * @param examples at least one row
 * @param slack by which a target may miss the clamp's end for being rounded, in its unit
 * @returns rising by `from`, the first from -Infinity
 */
export function fitBrackets(description: Description, examples: Examples, slack: number): Bracket[] {
  const { income, scale, most } = quantitiesOf(description, examples);
  const { target } = examples;
  const outputs = target.map((amount, i) => amount / scale[i]);
  const all = Int32Array.from(income, (_, i) => i).sort((a, b) => income[a] - income[b]);
  const free = all.filter((i) => target[i] < most[i] * scale[i] - slack);
  const shown = free.length > 0 ? free : all;
  const cuts = bestCuts(
    Float64Array.from(shown, (i) => income[i]),
    Float64Array.from(shown, (i) => outputs[i]),
  );
  const ends = [...cuts, Number.POSITIVE_INFINITY];
  return [Number.NEGATIVE_INFINITY, ...cuts].map((from, b) => {
    const rows = all.filter((i) => income[i] >= from && income[i] < ends[b]);
    return { from, output: bestOutput(rows, outputs, most) };
  });
}

/** What the brackets answer for each row, held within the clamp as a model's amounts are; [rows], in the target's unit. */
export function predictBrackets(
  brackets: readonly Bracket[],
  description: Description,
  examples: Examples,
): Float64Array {
  const { income, scale, most } = quantitiesOf(description, examples);
  const floor = description.target.clamp?.min ?? Number.NEGATIVE_INFINITY;
  return income.map((value, i) => {
    const { output } = brackets.findLast(({ from }) => value >= from)!;
    return Math.max(floor, Math.min(output, most[i]) * scale[i]);
  });
}

/** By row: its income, what an output is multiplied by, and the output that the clamp's upper end is. */
function quantitiesOf(description: Description, { rows, inputs }: Examples) {
  const { features, target } = description;
  const { transform, clamp } = target;
  const encoder = new Encoder(description);
  const incomeAt = features.findIndex(({ role }) => role === 'income');
  const scaleAt = transform === 'identity' ? -1 : encoder.indexOf(transform.multiplyBy);
  const capAt = clamp?.max === undefined ? -1 : encoder.indexOf(clamp.max);
  const quantities = new Float64Array(encoder.names.length);
  const income = new Float64Array(rows);
  const scale = new Float64Array(rows).fill(1);
  const most = new Float64Array(rows).fill(Number.POSITIVE_INFINITY);
  for (let i = 0; i < rows; i++) {
    quantities.set(inputs.subarray(i * features.length, (i + 1) * features.length));
    encoder.derive(quantities);
    income[i] = quantities[incomeAt];
    if (scaleAt >= 0) scale[i] = quantities[scaleAt];
    if (capAt >= 0) most[i] = Math.max(clamp!.min, quantities[capAt]) / scale[i];
  }
  return { income, scale, most };
}

/**
 * The incomes at which the brackets of least squared error begin, but the first; as many as are worth it.
 *
 * @param income, outputs [rows], rising by income
 */
function bestCuts(income: Float64Array, outputs: Float64Array): number[] {
  const rows = income.length;
  const edges = edgesOf(income);
  const last = edges.length - 1;
  const errorOf = squaredErrors(outputs);
  const enough = Math.max(MIN_ROWS, MIN_SHARE * rows);
  const rounding = ROUNDING * errorOf(0, rows);
  const criterion = (error: number, brackets: number) =>
    rows * Math.log(Math.max(error, rounding) / rows) + 2 * brackets * Math.log(rows);

  /** The least error of the rows before each edge, in so many brackets. */
  let least = Float64Array.from(edges, (edge) => errorOf(0, edge));
  /** By number of brackets, less 2: where the last of them begins, for each edge that it may end at. */
  const begins: Int32Array[] = [];
  let best = { brackets: 1, criterion: criterion(least[last], 1) };
  for (let brackets = 2; brackets <= MOST_BRACKETS && least[last] > rounding; brackets++) {
    const next = new Float64Array(edges.length).fill(Number.POSITIVE_INFINITY);
    const begin = new Int32Array(edges.length);
    for (let end = 1; end <= last; end++) {
      for (let start = 1; edges[end] - edges[start] >= enough; start++) {
        const error = edges[start] < enough ? Infinity : least[start] + errorOf(edges[start], edges[end]);
        if (error < next[end]) [next[end], begin[end]] = [error, start];
      }
    }
    if (next[last] === Number.POSITIVE_INFINITY) break;
    begins.push(begin);
    least = next;
    const reached = criterion(least[last], brackets);
    if (reached < best.criterion) best = { brackets, criterion: reached };
  }
  const cuts: number[] = [];
  for (let at = last, b = best.brackets - 2; b >= 0; b--) {
    at = begins[b][at];
    cuts.unshift((income[edges[at] - 1] + income[edges[at]]) / 2);
  }
  return cuts;
}

/** Where a bracket may begin among rows by income: at 0, and between two that differ; the last is their number. */
function edgesOf(income: Float64Array): number[] {
  const rows = income.length;
  const steps = Math.min(rows, MOST_EDGES);
  const edges = [0];
  for (let step = 1; step < steps; step++) {
    let edge = Math.round((step * rows) / steps);
    while (edge < rows && income[edge] === income[edge - 1]) edge++;
    if (edge < rows && edge > edges[edges.length - 1]) edges.push(edge);
  }
  return [...edges, rows];
}

/** The sum of squares about their mean of the values from start to before end, for any of these at once. */
function squaredErrors(values: Float64Array): (start: number, end: number) => number {
  const sums = new Float64Array(values.length + 1);
  const squares = new Float64Array(values.length + 1);
  const centre = values.reduce((sum, value) => sum + value, 0) / values.length;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] - centre;
    sums[i + 1] = sums[i] + value;
    squares[i + 1] = squares[i] + value * value;
  }
  return (start, end) => {
    if (start === end) return 0;
    return Math.max(0, squares[end] - squares[start] - (sums[end] - sums[start]) ** 2 / (end - start));
  };
}

/**
 * The one output that is nearest to those of the rows, in squares, once it is held below the `most` of each. Sorted by
 * that, the rows that it holds back are the first few; for each number of them the best output is a mean of the others.
 */
function bestOutput(rows: Int32Array, outputs: Float64Array, most: Float64Array): number {
  const order = rows.slice().sort((a, b) => most[a] - most[b]);
  let count = order.length;
  let sum = 0;
  let squares = 0;
  for (const i of order) {
    sum += outputs[i];
    squares += outputs[i] ** 2;
  }
  let best = { output: 0, error: Number.POSITIVE_INFINITY };
  let held = 0;
  let from = Number.NEGATIVE_INFINITY;
  for (const i of order) {
    const output = Math.min(Math.max(sum / count, from), most[i]);
    const error = held + squares - 2 * output * sum + count * output ** 2;
    if (error < best.error) best = { output, error };
    held += (outputs[i] - most[i]) ** 2;
    sum -= outputs[i];
    squares -= outputs[i] ** 2;
    count--;
    from = most[i];
  }
  return best.output;
}
