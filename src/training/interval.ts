import { AppError } from '../errors.ts';
import { counted } from '../model/counted.ts';
import type { Examples } from '../dataset/examples.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Evaluation } from './evaluate.ts';

type Band = Pick<Manifest['interval']['bands'][number], 'below' | 'quantile'>;

/** Fewer rows than this say too little about a band of their own. */
export const MIN_BAND_ROWS = 300;
const MAX_BANDS = 12;
const TENTHS = 10;
/** Critical value at 1 % of the largest absolute value of a Brownian bridge (Kolmogorov's distribution). */
const UNEVEN = 1.628;

/**
 * How far, in the target's unit, each row's interval would have had to reach beyond `around` to hold its target (a
 * nonconformity score: Romano, Patterson and Candès, "Conformalized quantile regression", 2019). It is 0 where prediction
 * and target both lie beyond the same end of the clamp, infinite where no interval can reach the target, and below 0
 * where `around` was more than enough.
 *
 * @param unbounded predictions of a model whose interval reaches endlessly, so that low and high are the clamp's own ends
 * @param around the ends that an interval is built around, which the prediction lies between; both the prediction itself
 * for intervals as wide to either side
 * @param slack by which a target may pass the clamp's ends for being rounded
 */
export function reachNeeded(
  unbounded: Evaluation,
  around: Pick<Evaluation, 'low' | 'high'>,
  target: Float64Array,
  slack: number,
): Float64Array {
  return target.map((truth, i) => {
    const [floor, cap, predicted] = [unbounded.low[i], unbounded.high[i], unbounded.unclamped[i]];
    if (truth < floor - slack || truth > cap + slack) return Number.POSITIVE_INFINITY;
    if (predicted >= cap && truth >= cap - slack) return 0;
    if (predicted <= floor && truth <= floor + slack) return 0;
    const [low, high] = [around.low[i], around.high[i]];
    const reach = (truth < predicted ? low - truth : truth - high) - slack;
    // Nothing can be taken off the prediction itself.
    return low === high ? Math.max(0, reach) : reach;
  });
}

/**
 * Incomes at which the typical error changes, rising. A stretch of incomes is cut where one quantile for the whole
 * of it would cover one side too well and the other too badly, as long as that cannot be chance (binary segmentation
 * by the CUSUM test: Vostrikova 1981). Two digits of each are kept: no more is known, and people read them.
 *
 * @param residuals [rows] nonconformity scores, comparable between incomes
 */
export function incomeEdges(income: Float64Array, residuals: Float64Array, coverage: number): number[] {
  const order = Int32Array.from(income, (_, i) => i).sort((a, b) => income[a] - income[b]);
  const sortedIncome = Float64Array.from(order, (i) => income[i]);
  const sortedResiduals = Float64Array.from(order, (i) => residuals[i]);
  const edges: number[] = [];
  const stretches: [start: number, end: number][] = [[0, order.length]];
  for (let next = stretches.shift(); next && edges.length < MAX_BANDS - 1; next = stretches.shift()) {
    const [start, end] = next;
    const cut = unevenAt(sortedResiduals, start, end, coverage);
    if (cut === undefined) continue;
    const edge = Number(((sortedIncome[cut - 1] + sortedIncome[cut]) / 2).toPrecision(2));
    if (edge > 0 && !edges.includes(edge)) edges.push(edge);
    stretches.push([start, cut], [cut, end]);
  }
  return edges.sort((a, b) => a - b);
}

/** Where among sorted rows coverage by their common quantile is most uneven, if it is. */
function unevenAt(residuals: Float64Array, start: number, end: number, coverage: number): number | undefined {
  const rows = end - start;
  const limit = conformalQuantile(residuals.slice(start, end), coverage);
  let within = 0;
  for (let i = start; i < end; i++) if (residuals[i] <= limit) within++;
  const share = within / rows;
  let sum = 0;
  let worst = 0;
  let cut: number | undefined;
  for (let i = start; i < end - MIN_BAND_ROWS; i++) {
    sum += (residuals[i] <= limit ? 1 : 0) - share;
    if (i - start + 1 >= MIN_BAND_ROWS && Math.abs(sum) > worst) {
      worst = Math.abs(sum);
      cut = i + 1;
    }
  }
  return worst > UNEVEN * Math.sqrt(rows * share * (1 - share)) ? cut : undefined;
}

/**
 * Half-widths by income, from rows that the forest has not seen: split-conformal within each band (Vovk 2012,
 * "Mondrian"; Lei et al. 2018), so a new household of the same kind lies inside with the given probability. Bands
 * with too few rows to say so are joined to the next.
 *
 * @param edges chosen without looking at these rows
 * @param residuals [rows] nonconformity scores in the forest's unit
 * @param weights [rows], how many households each row stands for
 * @throws AppError `invalid` when the rows are too few, or too many targets lie where no interval reaches
 */
export function conformalBands(
  edges: readonly number[],
  income: Float64Array,
  residuals: Float64Array,
  coverage: number,
  weights?: Float64Array,
): Band[] {
  const enough = Math.ceil(coverage / (1 - coverage)) + 1;
  const counts = countsByBand(edges, income);
  const kept: number[] = [];
  let rows = 0;
  for (const [i, edge] of edges.entries()) {
    rows += counts[i];
    if (rows < enough) continue;
    kept.push(edge);
    rows = 0;
  }
  if (rows + counts[edges.length] < enough) kept.pop();

  return [...kept, null].map((below, band) => {
    const isInBand = (_: number, i: number) => bandOf(kept, income[i]) === band;
    const inBand = residuals.filter(isInBand);
    const quantile = conformalQuantile(inBand, coverage, weights?.filter(isInBand));
    if (quantile === Number.POSITIVE_INFINITY) {
      throw new AppError(
        'invalid',
        inBand.length < enough
          ? `Cannot state an interval: calibrating it takes ${counted(enough, 'row')} at least; train on more.`
          : 'Cannot state an interval: too many targets lie outside of what the model may predict (below its floor, or above income less expenses); check the target column.',
      );
    }
    return { below, quantile };
  });
}

/**
 * The ceil((n + 1) coverage)-th smallest residual: what makes the coverage exact for n exchangeable rows. With weights the
 * share is one of the weights, and the household that comes next counts as much as the mean of them (Tibshirani, Foygel
 * Barber, Candes and Ramdas 2019, who know its weight).
 */
function conformalQuantile(residuals: Float64Array, coverage: number, weights?: Float64Array): number {
  if (weights !== undefined) return weightedQuantile(residuals, coverage, weights);
  const rank = Math.ceil((residuals.length + 1) * coverage);
  return rank > residuals.length ? Number.POSITIVE_INFINITY : residuals.slice().sort()[rank - 1];
}

function weightedQuantile(residuals: Float64Array, coverage: number, weights: Float64Array): number {
  const order = Int32Array.from(residuals, (_, i) => i).sort((a, b) => residuals[a] - residuals[b]);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const enough = coverage * (total + total / residuals.length);
  let reached = 0;
  for (const i of order) {
    reached += weights[i];
    if (reached >= enough) return residuals[i];
  }
  return Number.POSITIVE_INFINITY;
}

/** Share of rows inside their interval, over all and by band. */
export function measureCoverage(
  bands: readonly Band[],
  evaluation: Evaluation,
  { target, weights }: Pick<Examples, 'target' | 'weights'>,
  slack: number,
): Pick<Manifest['interval'], 'measuredCoverage' | 'bands'> {
  const edges = bands.flatMap(({ below }) => below ?? []);
  const rows = countsByBand(edges, evaluation.income);
  const inside = new Float64Array(bands.length);
  const all = new Float64Array(bands.length);
  for (let i = 0; i < target.length; i++) {
    const weight = weights?.[i] ?? 1;
    const band = bandOf(edges, evaluation.income[i]);
    const held = target[i] >= evaluation.low[i] - slack && target[i] <= evaluation.high[i] + slack;
    all[band] += weight;
    if (held) inside[band] += weight;
  }
  const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
  const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
  return {
    measuredCoverage: share(sum(inside), sum(all)),
    bands: bands.map((band, i) => ({
      ...band,
      measuredCoverage: share(inside[i], all[i]),
      rows: rows[i],
    })),
  };
}

/** Share of rows inside their interval, by tenths of the predicted amount. */
export function coverageByTenth(
  { amount, low, high }: Evaluation,
  { target, weights }: Pick<Examples, 'target' | 'weights'>,
  slack: number,
): NonNullable<Manifest['interval']['tenths']> {
  const order = Int32Array.from(amount, (_, i) => i).sort((a, b) => amount[a] - amount[b]);
  const startOf = (tenth: number) => Math.floor((tenth * order.length) / TENTHS);
  return Array.from({ length: TENTHS }, (_, tenth) => {
    const rows = order.subarray(startOf(tenth), startOf(tenth + 1));
    const weigh = (some: Int32Array) => some.reduce((sum, i) => sum + (weights?.[i] ?? 1), 0);
    const inside = rows.filter((i) => target[i] >= low[i] - slack && target[i] <= high[i] + slack);
    const next = order[startOf(tenth + 1)];
    return {
      below: tenth === TENTHS - 1 || next === undefined ? null : Number(amount[next].toPrecision(3)),
      measuredCoverage: rows.length === 0 ? 0 : weigh(inside) / weigh(rows),
      rows: rows.length,
    };
  });
}

function countsByBand(edges: readonly number[], income: Float64Array): Float64Array {
  const counts = new Float64Array(edges.length + 1);
  for (const value of income) counts[bandOf(edges, value)]++;
  return counts;
}

function bandOf(edges: readonly number[], income: number): number {
  const band = edges.findIndex((edge) => income < edge);
  return band < 0 ? edges.length : band;
}
