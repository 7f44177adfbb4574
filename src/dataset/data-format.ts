/** How rows are stored. */
export type DataFormat = 'csv' | 'csv.gz' | 'parquet';

const BY_EXTENSION = [
  ['.csv', 'csv'],
  ['.csv.gz', 'csv.gz'],
  ['.parquet', 'parquet'],
] as const;

/** What names of files may end with, for messages. */
export const DATA_EXTENSIONS = '.csv, .csv.gz or .parquet';

/** What a file holds by its name; undefined for any other. */
export function dataFormatOf(path: string): DataFormat | undefined {
  const lower = path.toLowerCase();
  return BY_EXTENSION.find(([extension]) => lower.endsWith(extension))?.[1];
}
