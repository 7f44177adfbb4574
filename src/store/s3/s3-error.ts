import { AppError, messageOf } from '../../errors.ts';
import { CHECK_ENDPOINT, codeOf, NOT_S3, refusalReason, THROTTLED } from './s3-refusal.ts';

/** What an S3 request was for, as its error message tells it. */
export interface S3Action {
  /** `read s3://bucket/key` */
  what: string;
  bucket: string;
  /** The permission it needs, such as `s3:GetObject`. */
  permission: string;
}

const RETRYABLE_STATUS = new Set([408, 429, 500, 502, 503, 504]);

/** The HTTP status of a failed request, or undefined when no response came. */
export function statusOf(error: unknown): number | undefined {
  return metadataOf(error)?.httpStatusCode;
}

/** Whether the same request may succeed a moment later. */
export function isTransient(error: unknown): boolean {
  if (error instanceof AppError || !(error instanceof Error)) return false;
  const code = codeOf(error);
  if (code === 'RequestTimeout' || THROTTLED.has(code)) return true;
  // The SDK goes by the time of the response from then on.
  if (code === 'RequestTimeTooSkewed') return metadataOf(error)?.clockSkewCorrected === true;
  const status = statusOf(error);
  return status === undefined ? localReason(error) === undefined : RETRYABLE_STATUS.has(status);
}

/** Translates whatever the SDK threw; an AppError passes unchanged. */
export function s3Error(action: S3Action, error: unknown): AppError {
  if (error instanceof AppError) return error;
  const make = (code: AppError['code'], reason: string) =>
    new AppError(code, `Cannot ${action.what}: ${reason}.`, { cause: error });

  const status = statusOf(error);
  if (codeOf(error) === 'NoSuchBucket')
    return make('not_found', `the bucket ${action.bucket} does not exist; check MODEL_BUCKET and the region`);
  if (status === 404) return make('not_found', 'it does not exist');
  if (status === 412 || status === 409)
    return make('conflict', 'it is already there, or has been changed since it was read');
  // A good response that the SDK could not read.
  if (status !== undefined && status < 300) return make('unavailable', `${NOT_S3}; ${CHECK_ENDPOINT}`);
  if (status !== undefined) return make('unavailable', refusalReason(action, error, status));
  return make('unavailable', localReason(error) ?? silenceReason(error));
}

/** What was wrong before a request was sent, and would be again. */
function localReason(error: unknown): string | undefined {
  const { name, message, code = '' } = error as NodeJS.ErrnoException;
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') {
    return /\bsso\b/i.test(message)
      ? 'the AWS sign-on (SSO) has ended or is not set up; run `aws sso login`'
      : 'no AWS credentials were found; give the process a role or keys';
  }
  if (message?.startsWith('Region not accepted')) return 'the AWS region is not one; set AWS_REGION';
  if (message?.startsWith('Region is missing')) return 'no AWS region is set; set AWS_REGION';
  if (code === 'ERR_INVALID_CHAR')
    return 'the AWS credentials hold a character that cannot be sent, such as a line break at their end; set them anew';
  if (code === 'ENOENT' || code === 'EACCES')
    return `a file with AWS credentials or settings cannot be read (${code}); check the AWS_ variables that name files`;
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'EPROTO')
    return `the server does not speak https (${code}); ${CHECK_ENDPOINT}: it may have to begin with http://`;
  if (CERTIFICATE_CODE.test(code))
    return `the certificate of the server is not trusted (${code}); check AWS_ENDPOINT_URL_S3, or name the file of its authority in NODE_EXTRA_CA_CERTS`;
  return undefined;
}

const CERTIFICATE_CODE = /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT_)[A-Z_]+$/;

function silenceReason(error: unknown): string {
  const { name, code } = error as NodeJS.ErrnoException;
  // The SDK calls a reset connection a TimeoutError too, and leaves its code.
  if (name === 'TimeoutError' && (code === undefined || code === 'ETIMEDOUT'))
    return 'S3 did not answer in time';
  // A runtime's own words, but they may hold some of what it could not read.
  const cause = code ?? messageOf(error).replace(/[^\x20-\x7e]+/g, ' ');
  const advice = Object.hasOwn(SILENCE_ADVICE, cause) ? `: ${SILENCE_ADVICE[cause]}` : '';
  return `no answer from S3 (${cause})${advice}`;
}

const SILENCE_ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED: `nothing listens there; ${CHECK_ENDPOINT}`,
  ENOTFOUND: 'its name is not known; check AWS_ENDPOINT_URL_S3, AWS_REGION and the DNS',
  EAI_AGAIN: 'its name could not be looked up; check the DNS and the network',
};

function metadataOf(error: unknown) {
  return (error as { $metadata?: { httpStatusCode?: number; clockSkewCorrected?: boolean } } | null)
    ?.$metadata;
}
