import { sep } from 'node:path';

/** How the address of something elsewhere begins: with a scheme, or with a first name that ends in a colon. */
const ADDRESS = /^\s*([a-z][a-z0-9+.-]*:|[^/]*:\/)/i;
const DRIVE = /^\s*[a-z]:/i;
const IN_S3 = /^\s*(s3[an]?|arn):|amazonaws/i;

/**
 * Why a text is no path on this machine, as the end of a sentence about an option or a setting; undefined when it is one.
 * What was written for something else must never become a folder of that name. The text itself is not shown: it may hold
 * a password.
 *
 * @param accepted what it must be, such as `a directory`
 */
export function pathFault(text: string, accepted: string): string | undefined {
  const must = `must be ${accepted}`;
  if (text.trim() === '') return `${must}, and is blank`;
  if (/^\s*~/.test(text))
    return `${must}: a ~ in front is not expanded here; write the path in full, or ./ before a name that begins with ~`;
  const drive = sep === '\\' && DRIVE.test(text);
  if (drive || !ADDRESS.test(text)) return undefined;
  const s3 = IN_S3.test(text)
    ? 'a store in S3 is written --store s3://BUCKET/PREFIX, or MODEL_BUCKET and MODEL_PREFIX; '
    : '';
  return `${must}: it begins as an address does, not as a path; ${s3}write ./ before a name with a colon`;
}
