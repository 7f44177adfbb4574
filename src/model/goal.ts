import type { Inputs } from './features.ts';
import type { Feature } from './manifest.ts';
import type { Model } from './model.ts';
import type { Prediction } from './prediction.ts';

/** One input alone, changed as little as reaches a goal. */
export interface Change {
  feature: string;
  label: string;
  from: number;
  to: number;
  /** The amount that is predicted then; at least the goal. */
  amount: number;
}

/** What it would take for the prediction to reach an amount, in the target's unit. */
export interface GoalAnswer {
  goal: number;
  /**
   * `reached`: it is predicted already. `within`: not predicted, but inside the interval, where the model can't tell
   * a change of spending from its own uncertainty. `beyond`: above the interval.
   */
  standing: 'reached' | 'within' | 'beyond';
  /** The smallest rise of income with all spending kept; undefined where none that the model knows does it. */
  income: Change | undefined;
  /** Cuts of one expense that do it, the smallest first; searched for only beyond the interval. */
  cuts: Change[];
  /** Plain arithmetic, no model: what must be cut from spending before the goal is even left over; 0 or more. */
  shortOfGoal: number;
}

/** Coarse steps first, then as many between the last that fails and the first that does. */
const STEPS = 24;
const MOST_TIMES_INCOME = 10;

/** The predicted amount is no smooth curve, so it is searched on a grid: what is returned was predicted, not interpolated. */
export function seekGoal(model: Model, inputs: Inputs, prediction: Prediction, goal: number): GoalAnswer {
  const { amount, interval, remainder } = prediction;
  const standing = amount >= goal ? 'reached' : interval.high >= goal ? 'within' : 'beyond';
  const result: GoalAnswer = {
    goal,
    standing,
    income: undefined,
    cuts: [],
    shortOfGoal: Math.max(0, goal - remainder),
  };
  if (standing === 'reached') return result;

  const searches = model.income === undefined ? [] : [incomeSearch(model.income, inputs)];
  if (standing === 'beyond') {
    for (const expense of model.expenses) searches.push({ feature: expense, grid: cutGrid(expense, inputs) });
  }
  const changes = refine(model, inputs, goal, firstHits(model, inputs, goal, searches));
  result.income = changes.find(({ feature }) => feature === model.income?.name);
  result.cuts = changes
    .filter(({ feature }) => feature !== model.income?.name)
    .sort((a, b) => a.from - a.to - (b.from - b.to));
  return result;
}

/** A fifth of income, as advisers often put it; for whoever is there already, a quarter more than is predicted. */
export function proposeGoal({ amount, income }: Prediction): number {
  const fifth = income / 5;
  const goal = amount < fifth ? fifth : amount * 1.25;
  if (goal < 1) return 1;
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(goal)) - 1);
  return Math.ceil(goal / unit - 1e-9) * unit;
}

interface Search {
  feature: Feature;
  /** Values to try, from the present one on; each further from it. */
  grid: number[];
}

function incomeSearch(income: Feature, inputs: Inputs): Search {
  const now = Number(inputs[income.name]);
  // Beyond its trained range the forest repeats its outermost rate, and would promise without end.
  const far = now >= income.step ? now * MOST_TIMES_INCOME : income.trained.max;
  const most = Math.min(income.max, Math.max(now, Math.min(income.trained.max, far)));
  // Steps that grow with the income; without one there is nothing to grow.
  const at = (i: number) =>
    now >= income.step ? now * (most / now) ** (i / STEPS) : now + ((most - now) * i) / STEPS;
  return { feature: income, grid: distinct(now, income.step, at) };
}

function cutGrid({ name, min, step }: Feature, inputs: Inputs): number[] {
  const now = Number(inputs[name]);
  return distinct(now, step, (i) => now + ((min - now) * i) / STEPS);
}

/** Whole steps from the present value, so that what is found can be typed into the form as it is. */
function distinct(now: number, step: number, at: (i: number) => number): number[] {
  const values = [now];
  for (let i = 1; i <= STEPS; i++) {
    const value = now + Math.round((at(i) - now) / step) * step;
    if (value !== values[values.length - 1]) values.push(value);
  }
  return values;
}

interface Hit {
  feature: Feature;
  /** The last value tried that does not reach the goal, and the first that does. */
  short: number;
  enough: number;
  amount: number;
}

/** The first value on each search's grid that reaches the goal; a search without one is left out. */
function firstHits(model: Model, inputs: Inputs, goal: number, searches: readonly Search[]): Hit[] {
  const batch = searches.flatMap(({ feature, grid }) =>
    grid.map((value) => ({ ...inputs, [feature.name]: value })),
  );
  const predictions = model.predictMany(batch);
  const hits: Hit[] = [];
  let first = 0;
  for (const { feature, grid } of searches) {
    const i = grid.findIndex((_, at) => predictions[first + at].amount >= goal);
    if (i > 0)
      hits.push({
        feature,
        short: grid[i - 1],
        enough: grid[i],
        amount: predictions[first + i].amount,
      });
    first += grid.length;
  }
  return hits;
}

/** Looks once more between the last value that fails and the first that does. */
function refine(model: Model, inputs: Inputs, goal: number, hits: readonly Hit[]): Change[] {
  const searches = hits.map(({ feature, short, enough }) => ({
    feature,
    grid: distinct(short, feature.step, (i) => short + ((enough - short) * i) / STEPS),
  }));
  const finer = new Map(firstHits(model, inputs, goal, searches).map((hit) => [hit.feature, hit]));
  return hits.map((hit) => {
    const { enough, amount } = finer.get(hit.feature) ?? hit;
    const { name, label } = hit.feature;
    return { feature: name, label, from: Number(inputs[name]), to: enough, amount };
  });
}
