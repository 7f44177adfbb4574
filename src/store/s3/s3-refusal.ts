import type { S3Action } from './s3-error.ts';

/**
 * Why S3, or a server that stands for it, refused a request, in the words of what to do.
 *
 * Everything in a response is somebody else's text. Only what has a known form is taken over from it: an error's code,
 * the name of a permission, a region, a difference of times.
 */
export function refusalReason(action: S3Action, error: unknown, status: number): string {
  const code = codeOf(error);
  if (isWebPage(error)) return `${NOT_S3} (it was a web page, with ${status}); ${CHECK_ENDPOINT}`;
  const region = regionReason(action, error, status, code);
  if (region !== undefined) return region;
  if (status < 400) return redirectReason(error, status);
  if (code === 'RequestTimeTooSkewed') return skewReason(error);
  if (THROTTLED.has(code))
    return `S3 answered ${status} (${code}), also when asked again: it wants fewer requests; try again in a few minutes`;
  if (Object.hasOwn(REASONS, code)) return REASONS[code];
  if (code.startsWith('KMS.')) return `the KMS key cannot be used (${code}); look at the state of the key`;
  if (status === 403) return deniedReason(action, error, code);
  const unknownPart = unknownPartReason(action, error, status);
  if (unknownPart !== undefined) return unknownPart;
  return `S3 answered ${status}${code && ` (${code})`}`;
}

export const CHECK_ENDPOINT = 'check AWS_ENDPOINT_URL_S3 and what stands between';
export const NOT_S3 = 'the answer is not one of S3';

const EXPIRED = 'the session token of the credentials is expired or not valid; renew it';
const NO_ACCOUNT = 'access denied: the AWS account has a problem of its own; ask whoever pays for it';
const DIGEST = 'what arrived is not what was sent; try again, and look at what stands between';

/** By the code of the error (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html). */
const REASONS: Readonly<Record<string, string>> = {
  SignatureDoesNotMatch:
    'access denied: the secret access key is not the one of this access key id; with the right one, something between changes requests',
  InvalidAccessKeyId: 'access denied: this S3 does not know the access key id',
  ExpiredToken: EXPIRED,
  ExpiredTokenException: EXPIRED,
  InvalidToken: EXPIRED,
  TokenRefreshRequired: EXPIRED,
  InvalidIdentityToken:
    'AWS does not take the identity token of the process; check its role and the trust in it',
  AuthorizationHeaderMalformed: 'S3 cannot read the signature; check AWS_REGION and the access key id',
  AccountProblem: NO_ACCOUNT,
  NotSignedUp: NO_ACCOUNT,
  AllAccessDisabled:
    'access denied: all access to it is switched off, also for its owner; ask the support of AWS',
  InvalidObjectState:
    'it is archived; restore it first, or move it to a storage class that can be read at once',
  InvalidPayer: 'access denied: whoever reads this bucket pays for it, which is not supported here',
  QuotaExceeded: 'the quota of the bucket or of its owner is used up; raise it, or delete what is not needed',
  XMinioStorageFull: 'the S3 server has no room left',
  BadDigest: DIGEST,
  IncompleteBody: DIGEST,
  InvalidDigest: DIGEST,
  XAmzContentSHA256Mismatch: DIGEST,
  InvalidBucketName: 'the name is none that a bucket can have; check MODEL_BUCKET',
  MethodNotAllowed: `the server does not allow this on it; ${CHECK_ENDPOINT}`,
};

/** Codes with which S3, its imitations and the services behind it ask for fewer requests. */
export const THROTTLED: ReadonlySet<string> = new Set([
  'RequestLimitExceeded',
  'SlowDown',
  'SlowDownRead',
  'SlowDownWrite',
  'Throttling',
  'ThrottlingException',
  'TooManyRequests',
  'TooManyRequestsException',
]);

/** `kms:Decrypt`, as a denial names what is missing. */
const PERMISSION = /\b(?:kms|s3|s3express|sts|s3-outposts):[A-Z][A-Za-z]{2,63}\b/;

function deniedReason({ permission }: S3Action, error: unknown, code: string): string {
  const message = textOf(error, 'message');
  const named = PERMISSION.exec(message)?.[0];
  const forbidden = /\bexplicit deny\b/.test(message) ? ', which a policy denies explicitly' : '';
  if (named?.startsWith('kms:')) {
    const key = `the credentials need ${named} on the KMS key that encrypts it${forbidden}`;
    return `access denied; ${key} (in a policy of theirs and in the key's own; the bucket's does not count)`;
  }
  if (named === 's3:ListBucket' && permission !== named) {
    return 'access denied; it seems not to exist, which S3 says only to credentials with s3:ListBucket on the bucket';
  }
  if (named?.startsWith('sts:')) {
    return `access denied before S3 was asked; the role of the credentials must allow ${named} to this process`;
  }
  if (forbidden) return `access denied; the credentials need ${named ?? permission} on it${forbidden}`;
  const other = code === 'AccessDenied' || code === '' ? '' : ` (${code})`;
  const needed = `access denied${other}; the credentials need ${named ?? permission} on it`;
  return permission === 's3:GetObject'
    ? `${needed} (and s3:ListBucket on the bucket: without it, S3 answers this for what does not exist)`
    : needed;
}

const REGION = /^[a-z]{2}(-[a-z]{2,12}){1,3}-\d{1,2}$/;
const ENDPOINT_REGION = /(?:^|\.)s3[.-]([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?(?=$|[/:])/;
const REGION_CODES = new Set([
  'AuthorizationHeaderMalformed',
  'IllegalLocationConstraintException',
  'PermanentRedirect',
  'TemporaryRedirect',
]);

/** The bucket is elsewhere: a code that says so, or a refusal without a code (as to HEAD) that names a region. */
function regionReason(
  { bucket }: S3Action,
  error: unknown,
  status: number,
  code: string,
): string | undefined {
  if (code !== '' && !REGION_CODES.has(code)) return undefined;
  const told = [
    headerOf(error, 'x-amz-bucket-region'),
    textOf(error, 'Region'),
    ENDPOINT_REGION.exec(textOf(error, 'Endpoint'))?.[1],
    ENDPOINT_REGION.exec(headerOf(error, 'location'))?.[1],
  ].find((text) => text !== undefined && REGION.test(text));
  const elsewhere = status < 400 || status === 400;
  if (told !== undefined && elsewhere)
    return `the bucket ${bucket} is in the region ${told}; set AWS_REGION=${told}`;
  if (code === 'TemporaryRedirect')
    return `the bucket ${bucket} was made a moment ago, or is in another region; wait, or set AWS_REGION to its region`;
  if (code === '' || code === 'AuthorizationHeaderMalformed') return undefined;
  return `the bucket ${bucket} is in another region; set AWS_REGION to its region`;
}

/** A redirect that is none of S3's: a login page, or https instead of http. */
function redirectReason(error: unknown, status: number): string {
  return headerOf(error, 'location').startsWith('https://')
    ? `the answer is a redirect (${status}) to an https address; ${CHECK_ENDPOINT}: it may have to begin with https://, or something asks for a login`
    : `the answer is a redirect (${status}), which S3 would not give; ${CHECK_ENDPOINT}`;
}

/** Below this the clocks do not differ enough for it to be worth a number. */
const WORTH_TELLING_MS = 60_000;

function skewReason(error: unknown): string {
  const theirs = Date.parse(textOf(error, 'ServerTime') || headerOf(error, 'date'));
  const behindMs = theirs - Date.now();
  if (!(Math.abs(behindMs) >= WORTH_TELLING_MS))
    return "access denied: this machine's clock and that of S3 differ; set both by a time server (NTP)";
  const side = behindMs > 0 ? 'behind' : 'ahead of';
  return `access denied: this machine's clock is ${roughly(Math.abs(behindMs))} ${side} that of S3; set it by a time server (NTP)`;
}

function roughly(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  const [amount, unit] =
    minutes < 120
      ? [minutes, 'minute']
      : minutes < 48 * 60
        ? [Math.round(minutes / 60), 'hour']
        : [Math.round(minutes / 1440), 'day'];
  return `about ${amount} ${amount === 1 ? unit : `${unit}s`}`;
}

const CONDITION = /\bif-(none-)?match\b|\bconditional\b/i;
const CHECKSUM = /checksum|\bcrc(32|64)|\btrailer|aws-chunked|\bSTREAMING-/i;
const NO_CONDITIONS =
  'conditional writes (If-None-Match, If-Match), which publish and promote need; reading works without: write with another S3 server';
const NO_CHECKSUMS =
  'the checksums that the AWS SDK adds; set AWS_REQUEST_CHECKSUM_CALCULATION=WHEN_REQUIRED';

/** Servers other than AWS's that do not know all of S3 say 501, or 400 and which header they do not understand. */
function unknownPartReason({ permission }: S3Action, error: unknown, status: number): string | undefined {
  if (status !== 501 && status !== 400) return undefined;
  const said = ['Header', 'ArgumentName', 'message', 'additionalMessage'].map((key) => textOf(error, key));
  for (const text of said) {
    if (CONDITION.test(text)) return `this S3 server does not know ${NO_CONDITIONS}`;
    if (CHECKSUM.test(text)) {
      return /\bmissing\b/i.test(text)
        ? 'the bucket asks for a checksum; unset AWS_REQUEST_CHECKSUM_CALCULATION'
        : `this S3 server does not know ${NO_CHECKSUMS}`;
    }
  }
  if (status !== 501) return undefined;
  return permission === 's3:PutObject'
    ? `this S3 server does not know a part of the request (501): either ${NO_CHECKSUMS}; or ${NO_CONDITIONS}`
    : `this S3 server does not know the request (501); use another, or ${CHECK_ENDPOINT}`;
}

/** The code of the error in the response; empty where it gave none, or none that a person should see. */
export function codeOf(error: unknown): string {
  const name = textOf(error, 'name');
  // The SDK names a response without a code "Unknown", and one that is no XML "Error".
  return /^[A-Za-z][A-Za-z0-9.]{1,63}$/.test(name) && name !== 'Unknown' && name !== 'Error' ? name : '';
}

/** A member that the SDK took over from the response: whatever was sent, also an object or a list. */
function textOf(error: unknown, key: string): string {
  const value = (error as Record<string, unknown> | null)?.[key];
  return typeof value === 'string' ? value : '';
}

function headerOf(error: unknown, name: string): string {
  const headers = (error as { $response?: { headers?: Record<string, unknown> } } | null)?.$response?.headers;
  const value = headers?.[name];
  return typeof value === 'string' ? value : '';
}

function isWebPage(error: unknown): boolean {
  return headerOf(error, 'location') === '' && /^text\/html\b/i.test(headerOf(error, 'content-type'));
}
