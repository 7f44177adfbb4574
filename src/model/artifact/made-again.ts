import type { Manifest } from '../manifest.ts';

/**
 * Whether two manifests are of one model that was made twice on a day: they differ in the time, in the review that
 * follows from it, and in the commit of the program that made them, and in nothing else.
 */
export function isMadeAgain(one: Manifest, other: Manifest): boolean {
  const day = (manifest: Manifest) => new Date(manifest.createdAt).toISOString().slice(0, 10);
  return day(one) === day(other) && timeless(one) === timeless(other);
}

/** Both were read by one schema, which puts their keys in one order. */
function timeless({ createdAt, reviewBy, gitSha: _, ...rest }: Manifest): string {
  return JSON.stringify({ ...rest, reviewAfterMs: Date.parse(reviewBy) - Date.parse(createdAt) });
}
