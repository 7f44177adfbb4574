/** A count with its noun in the right number: `1 row`, `2 rows`. */
export function counted(count: number, one: string, written = String(count)): string {
  return `${written} ${count === 1 ? one : `${one}s`}`;
}
