import { AppError } from '../errors.ts';

/** S3 allows 1024 bytes for prefix and key together. */
const MAX_KEY_LENGTH = 700;
const MAX_SEGMENT_LENGTH = 200;
/** No segment can begin with a dot: `.` and `..` are no keys, and dot names stay free for a store's own files. */
const SEGMENT = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;

/**
 * The one rule between a key and a path or URL: what passes stays inside the store's root and means the same on
 * every file system and in S3.
 */
export function isKey(key: string): boolean {
  return (
    key.length <= MAX_KEY_LENGTH &&
    key.split('/').every((segment) => segment.length <= MAX_SEGMENT_LENGTH && SEGMENT.test(segment))
  );
}

/** @throws AppError `invalid` */
export function checkKey(key: string): string {
  if (isKey(key)) return key;
  throw new AppError(
    'invalid',
    'Cannot use a key of the store: it must be names of letters, digits, dots, dashes and underscores joined by ' +
      'single slashes, and no name may begin with a dot or a dash.',
  );
}

/** Checks what `list` is given: nothing, or whole names with a slash after each. */
export function checkPrefix(prefix: string): string {
  if (prefix !== '' && !(prefix.endsWith('/') && isKey(prefix.slice(0, -1))))
    throw new AppError('invalid', 'Cannot list a prefix of the store: it must be a key followed by a slash.');
  return prefix;
}

const MAX_PREFIX_LENGTH = 300;

/**
 * Whether a text can stand before all keys in a bucket. Others choose it, and their prefixes hold more than our keys do,
 * such as `date=2026-11-27`.
 */
export function isBucketPrefix(prefix: string): boolean {
  const parts = prefix.replace(/\/$/, '').split('/');
  const isPlain = (part: string) => part !== '' && part !== '.' && part !== '..' && !/[\p{Cc}\\]/u.test(part);
  return prefix === '' || (prefix.length <= MAX_PREFIX_LENGTH && parts.every(isPlain));
}
