/** A file of rows, as a listing found it. */
export interface DataFile {
  /** Relative to its location, `/`-separated. */
  path: string;
  size: number;
  /** Changes when the content does: S3's ETag, or the size and the time of the last change in a directory. */
  etag: string;
}

/** What readers of data pass over, by the custom of Hadoop and Spark: `.hidden`, `_run.json`, `_temporary/part-0`. */
export function isPassedOver(path: string): boolean {
  return path.split('/').some((name) => name.startsWith('.') || name.startsWith('_'));
}

export function byPath(a: DataFile, b: DataFile): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}
