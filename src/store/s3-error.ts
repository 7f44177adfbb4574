import { AppError, messageOf } from '../errors.ts';

/** What an S3 request was for, as its error message tells it. */
export interface S3Action {
  /** `read s3://bucket/key` */
  what: string;
  bucket: string;
  /** The permission it needs, such as `s3:GetObject`. */
  permission: string;
}

const RETRYABLE_STATUS = new Set([408, 429, 500, 502, 503, 504]);
const RETRYABLE_NAME = new Set(['RequestTimeout', 'RequestTimeTooSkewed', 'SlowDown', 'ThrottlingException']);
/** Failures that happen before a request is sent, and would again. */
const LOCAL_NAME = new Set(['CredentialsProviderError', 'TokenProviderError', 'InvalidRegionError']);

/** The HTTP status of a failed request, or undefined when no answer came. */
export function statusOf(error: unknown): number | undefined {
  const metadata = (error as { $metadata?: { httpStatusCode?: number } } | null)?.$metadata;
  return metadata?.httpStatusCode;
}

/** Whether the same request may succeed a moment later. */
export function isTransient(error: unknown): boolean {
  if (error instanceof AppError || !(error instanceof Error)) return false;
  if (RETRYABLE_NAME.has(error.name)) return true;
  const status = statusOf(error);
  if (status !== undefined) return RETRYABLE_STATUS.has(status);
  return !LOCAL_NAME.has(error.name) && !isMissingRegion(error);
}

/** Translates whatever the SDK threw; an AppError passes unchanged. */
export function s3Error({ what, bucket, permission }: S3Action, error: unknown): AppError {
  if (error instanceof AppError) return error;
  const name = error instanceof Error ? error.name : '';
  const status = statusOf(error);
  const make = (code: AppError['code'], reason: string) =>
    new AppError(code, `Could not ${what}: ${reason}`, { cause: error });

  if (name === 'NoSuchBucket')
    return make('not_found', `the bucket ${bucket} does not exist; check MODEL_BUCKET and the region`);
  if (status === 404) return make('not_found', 'it does not exist');
  if (status === 412 || status === 409)
    return make('conflict', 'it is already there, or has been changed since it was read');
  if (status === 301 || status === 307 || name === 'AuthorizationHeaderMalformed')
    return make('unavailable', `the bucket ${bucket} is in another region; set AWS_REGION to its region`);
  if (status === 403) return make('unavailable', deniedReason(name, permission));
  if (name === 'ExpiredToken' || name === 'InvalidToken')
    return make('unavailable', 'the session token of the credentials is expired or not valid; renew it');
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError')
    return make('unavailable', 'no AWS credentials were found; give the process a role or keys');
  if (isMissingRegion(error)) return make('unavailable', 'no AWS region is set; set AWS_REGION');
  if (status !== undefined && status >= 400)
    return make('unavailable', `S3 answered ${status}${name ? ` (${name})` : ''}`);
  const code = (error as NodeJS.ErrnoException | null)?.code;
  // The SDK calls a reset connection a TimeoutError too, and leaves its code.
  if (name === 'TimeoutError' && (code === undefined || code === 'ETIMEDOUT'))
    return make('unavailable', 'S3 did not answer in time');
  return make('unavailable', `no answer from S3 (${code ?? messageOf(error)})`);
}

function deniedReason(name: string, permission: string): string {
  if (name === 'SignatureDoesNotMatch')
    return 'access denied: the secret access key is not the one of this access key id';
  if (name === 'InvalidAccessKeyId') return 'access denied: this S3 does not know the access key id';
  if (name === 'RequestTimeTooSkewed') return "access denied: this machine's clock is wrong";
  return (
    `access denied; the credentials need ${permission} on it ` +
    '(and s3:ListBucket on the bucket: without it, S3 answers this for what does not exist)'
  );
}

function isMissingRegion(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('Region is missing');
}
