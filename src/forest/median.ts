/**
 * The lower median, found in place. It is the quickselect of the library's `median-quickselect` (itself after
 * Press et al., Numerical Recipes), step for step: any other selection finds an equal number, but not always the
 * same zero where both 0 and -0 are among the values.
 *
 * @param values at least one; reordered.
 */
export function lowerMedian(values: Float64Array): number {
  let low = 0;
  let high = values.length - 1;
  const median = high >> 1;
  const swap = (i: number, j: number) => {
    const kept = values[i];
    values[i] = values[j];
    values[j] = kept;
  };
  const swapIfAbove = (i: number, j: number) => {
    if (values[i] > values[j]) swap(i, j);
  };

  while (high > low) {
    if (high === low + 1) {
      swapIfAbove(low, high);
      break;
    }
    const middle = (low + high) >> 1;
    swapIfAbove(middle, high);
    swapIfAbove(low, high);
    swapIfAbove(middle, low);
    swap(middle, low + 1);

    let up = low + 1;
    let down = high;
    for (;;) {
      do up++;
      while (values[low] > values[up]);
      do down--;
      while (values[down] > values[low]);
      if (down < up) break;
      swap(up, down);
    }
    swap(low, down);
    if (down <= median) low = up;
    if (down >= median) high = down - 1;
  }
  return values[median];
}
