/** Rows of cells as aligned columns, the first row being the heads; nothing for no rows but the heads. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows)
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i]))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

/** A time in ISO 8601, to the minute, as a cell. */
export function minuteOf(time: string): string {
  return time.slice(0, 16).replace('T', ' ');
}
