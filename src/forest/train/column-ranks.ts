/** A column and where each of its rows stands among its values. */
export interface RankedColumn {
  /** [rows] */
  values: Float64Array;
  /** [rows] how many different values are below the row's. */
  ranks: Int32Array;
  /** How many different values there are. */
  distinct: number;
}

/** @param values [rows] without NaN. */
export function rankColumn(values: Float64Array): RankedColumn {
  const order = Int32Array.from(values, (_, row) => row).sort((a, b) => values[a] - values[b]);
  const ranks = new Int32Array(values.length);
  let rank = -1;
  let previous = NaN;
  for (const row of order) {
    // Not Object.is: to a split 0 and -0 are one value.
    if (values[row] !== previous) rank++;
    previous = values[row];
    ranks[row] = rank;
  }
  return { values, ranks, distinct: rank + 1 };
}

/**
 * The places of a sample sorted by the rows' values, ties by place: a counting sort over ranks.
 * @param rows [places] the row at each place.
 */
export function orderByRank({ ranks, distinct }: RankedColumn, rows: Int32Array): Int32Array {
  const next = new Int32Array(distinct + 1);
  for (let place = 0; place < rows.length; place++) next[ranks[rows[place]] + 1]++;
  for (let rank = 0; rank < distinct; rank++) next[rank + 1] += next[rank];
  const order = new Int32Array(rows.length);
  for (let place = 0; place < rows.length; place++) order[next[ranks[rows[place]]]++] = place;
  return order;
}
