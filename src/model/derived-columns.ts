import type { Derived } from './manifest.ts';

/** The least that anything may be divided by, so that no quotient of two figures is infinite. */
export const LEAST_DIVISOR = 1e-9;

/** The features and derived columns that a derived column is computed from. */
export function operandsOf(column: Derived): string[] {
  switch (column.op) {
    case 'share':
    case 'ratio':
      return [column.of, column.by];
    case 'remainder':
      return [column.of, ...column.minus];
    case 'difference':
      return [column.of, column.minus];
    case 'sum':
      return column.of;
  }
}
