import type { Expense } from './expenses.ts';
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
  /** In a model without a budget: one number alone, up or down, the smallest change of what is known of it first. */
  changes: Change[];
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
    changes: [],
    shortOfGoal: Math.max(0, goal - remainder),
  };
  if (standing === 'reached') return result;
  if (model.words.budget === undefined) return { ...result, changes: changesOfOne(model, inputs, goal) };

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

/** Changes of one number within what the model has seen of it, the way that is shorter. */
function changesOfOne(model: Model, inputs: Inputs, goal: number): Change[] {
  const numbers = model.manifest.features.filter(({ kind }) => kind !== 'choice');
  const searches = numbers.flatMap((feature) => {
    const now = Number(inputs[feature.name]);
    const { min, max, step, trained } = feature;
    return [Math.max(min, trained.min), Math.min(max, trained.max)].map((end) => ({
      feature,
      grid: distinct(now, step, (i) => now + ((end - now) * i) / STEPS).filter(
        (value) => value === now || (value >= min && value <= max),
      ),
    }));
  });
  const nearest = new Map<Feature, Hit>();
  for (const hit of firstHits(model, inputs, goal, searches)) {
    const now = Number(inputs[hit.feature.name]);
    const other = nearest.get(hit.feature);
    if (other === undefined || Math.abs(hit.enough - now) < Math.abs(other.enough - now))
      nearest.set(hit.feature, hit);
  }
  const known = new Map(numbers.map(({ name, trained }) => [name, trained.max - trained.min]));
  const share = ({ feature, from, to }: Change) => Math.abs(to - from) / known.get(feature)!;
  return refine(model, inputs, goal, [...nearest.values()]).sort((a, b) => share(a) - share(b));
}

/** Where nothing is left over to go by: a tenth more than is predicted, or the end of its range, in two digits. */
export function proposeMore({ amount, interval }: Pick<Prediction, 'amount' | 'interval'>): number {
  const wanted = amount === 0 ? interval.high : amount + Math.abs(amount) / 10;
  if (wanted === 0) return 0;
  const unit = 10 ** (Math.floor(Math.log10(Math.abs(wanted))) - 1);
  return Number((Math.ceil(wanted / unit - 1e-9) * unit).toPrecision(2));
}

/** Shares of income to have left over, one after the other: the steps of the status that the page shows. */
const TENTH = 0.1;
const FIFTH = 0.2;
/** How much of what can fall first may fall for a goal that nobody asked for. */
const WITHIN_REACH = 0.5;
/** Where nothing is within reach, the first step: a share of income that most can find. */
const FIRST_STEP = 0.01;

/**
 * An amount to save that this household can reach: the next step of what is left over, or as much of the way to it as
 * half of the expenses that can fall first would be. Whoever has a fifth of income left over is proposed that, or a
 * quarter more than is predicted, and never more than is left over. Whoever is short is proposed 0: to come out even.
 *
 * @returns two leading digits, rounded so that it stays within reach; 0, or at least 1
 */
export function proposeGoal(
  { amount, income, remainder }: Pick<Prediction, 'amount' | 'income' | 'remainder'>,
  expenses: readonly Pick<Expense, 'amount' | 'discretionary'>[],
): number {
  // Both as they are written: a shortfall that rounds to nothing is none.
  if (Math.round(remainder) < 0) return 0;
  const share = Math.round((remainder / income) * 1000) / 1000;
  if (share >= FIFTH) return tidy(Math.max(income * FIFTH, amount * 1.25), remainder);
  const canFall = expenses.reduce((sum, expense) => sum + (expense.discretionary ? expense.amount : 0), 0);
  const reach = Math.max(remainder + canFall * WITHIN_REACH, income * FIRST_STEP);
  return tidy(income * (share < TENTH ? TENTH : FIFTH), reach);
}

/** The amount in two leading digits: rounded up, or down where that would be beyond the reach. */
function tidy(amount: number, reach: number): number {
  const wanted = Math.min(amount, reach);
  if (wanted < 1) return 1;
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(wanted)) - 1);
  const up = Math.ceil(wanted / unit - 1e-9) * unit;
  return up <= reach ? up : Math.max(1, Math.floor(wanted / unit + 1e-9) * unit);
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
    // Without what a step such as 0.1 leaves behind the last digit.
    const value = Number((now + Math.round((at(i) - now) / step) * step).toPrecision(12));
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
