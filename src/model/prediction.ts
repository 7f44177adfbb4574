/** Something beyond the range that the model has seen of it. */
export interface Warning {
  /** The name of the input, or of the derived column, such as a share of income, in which the forest sees it. */
  feature: string;
  side: 'below' | 'above';
  /** The end of the trained range that was passed, in the unit of the input or the derived column. */
  trained: number;
}

/** Where the amount is expected to lie, in the target's unit, with the share of households it holds for. */
export interface Interval {
  low: number;
  high: number;
  coverage: number;
}

/** What the model expects of one set of figures; amounts in the target's unit (rupees a month in the default model). */
export interface Prediction {
  /** The predicted amount: the forest's output in the target's unit, held within the clamp. */
  amount: number;
  /** The same before the clamp. */
  unclamped: number;
  /** The forest's own output: a share of income where the target is multiplied by it. */
  output: number;
  /** amount / income; 0 where that is no number, as with an income of 0 or a model without one. */
  rate: number;
  /** 0 where the model has none. */
  income: number;
  totalExpenses: number;
  /** Income less all expenses; below 0 when the household overspends, 0 where the model has no income. */
  remainder: number;
  interval: Interval;
  warnings: Warning[];
}
