/** A response of S3, or of a server that stands for it, that refuses what was asked. */
export interface Refusal {
  status: number;
  /** What alone is refused so; everything when left out. */
  method?: 'PUT';
  /** The error's elements; left out where the response is none of S3's. */
  error?: { Code: string; Message?: string; [element: string]: string | undefined };
  headers?: Record<string, string>;
  /** The body, where it is no error of S3. */
  body?: string;
}

const DENIED = 'User: arn:aws:iam::111122223333:role/savings is not authorized to perform:';
const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/1234';
const LOGIN_PAGE = '<html><head><title>Log in</title></head><body>Please log in<br></body></html>';

/** By a name that is also a bucket's, so that a list can ask for it too. */
export const REFUSALS = {
  'kms-decrypt': {
    status: 403,
    error: {
      Code: 'AccessDenied',
      Message: `${DENIED} kms:Decrypt on resource: ${KEY} because no identity-based policy allows the kms:Decrypt action`,
    },
  },
  'kms-generate': {
    status: 403,
    error: {
      Code: 'AccessDenied',
      Message: `${DENIED} kms:GenerateDataKey on resource: ${KEY} with an explicit deny in a resource-based policy`,
    },
  },
  'kms-disabled': {
    status: 400,
    error: { Code: 'KMS.DisabledException', Message: `${KEY} is disabled.` },
  },
  'sts-denied': {
    status: 403,
    error: { Code: 'AccessDenied', Message: 'Not authorized to perform sts:AssumeRoleWithWebIdentity' },
  },
  'explicit-deny': {
    status: 403,
    error: {
      Code: 'AccessDenied',
      Message: `${DENIED} s3:ListBucket on resource: "arn:aws:s3:::b" with an explicit deny in a VPC endpoint policy`,
    },
  },
  'no-list-right': {
    status: 403,
    error: {
      Code: 'AccessDenied',
      Message: `${DENIED} s3:ListBucket on resource: "arn:aws:s3:::b" because no identity-based policy allows the s3:ListBucket action`,
    },
  },
  archived: { status: 403, error: { Code: 'InvalidObjectState', Message: 'The operation is not valid' } },
  'over-quota': { status: 403, error: { Code: 'QuotaExceeded' } },
  'all-disabled': { status: 403, error: { Code: 'AllAccessDisabled' } },
  'no-conditions': {
    method: 'PUT',
    status: 501,
    error: { Code: 'NotImplemented', Message: 'A header implies what is not there', Header: 'If-None-Match' },
  },
  'no-checksums': {
    method: 'PUT',
    status: 501,
    error: {
      Code: 'NotImplemented',
      Message: 'A header you provided implies functionality that is not implemented',
      Header: 'x-amz-checksum-crc32',
    },
  },
  'unsupported-checksum': {
    method: 'PUT',
    status: 400,
    error: {
      Code: 'InvalidArgument',
      Message: "Unsupported header 'x-amz-sdk-checksum-algorithm' received for this API call.",
    },
  },
  'no-trailers': {
    method: 'PUT',
    status: 400,
    error: { Code: 'InvalidRequest', Message: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER is not supported' },
  },
  'checksum-missing': {
    method: 'PUT',
    status: 400,
    error: {
      Code: 'InvalidRequest',
      Message: 'Missing required header for this request: Content-MD5 OR x-amz-checksum-*',
    },
  },
  'not-implemented': { status: 501, error: { Code: 'NotImplemented' } },
  'not-implemented-text': { status: 501, body: 'no', headers: { 'Content-Type': 'text/plain' } },
  'expired-token': {
    status: 400,
    error: { Code: 'ExpiredToken', Message: 'The provided token has expired.' },
  },
  'expired-sts': { status: 400, error: { Code: 'ExpiredTokenException' } },
  'refresh-token': { status: 400, error: { Code: 'TokenRefreshRequired' } },
  'invalid-token': { status: 400, error: { Code: 'InvalidToken' } },
  'region-header': {
    status: 301,
    error: { Code: 'PermanentRedirect', Endpoint: 'b.s3.ap-south-1.amazonaws.com' },
    headers: { 'x-amz-bucket-region': 'eu-west-1' },
  },
  'region-endpoint': {
    status: 301,
    error: { Code: 'PermanentRedirect', Endpoint: 'b.s3.ap-south-1.amazonaws.com' },
  },
  'region-old-endpoint': {
    status: 301,
    error: { Code: 'PermanentRedirect', Endpoint: 'b.s3-us-west-2.amazonaws.com' },
  },
  'region-untold': { status: 301, error: { Code: 'PermanentRedirect' } },
  'region-hostile': {
    status: 301,
    error: { Code: 'PermanentRedirect', Endpoint: 'x' },
    headers: { 'x-amz-bucket-region': 'eu-west-1; rm -rf <b>' },
  },
  'region-in-error': {
    status: 400,
    error: {
      Code: 'AuthorizationHeaderMalformed',
      Message: 'expecting eu-central-1',
      Region: 'eu-central-1',
    },
  },
  'region-without-body': { status: 400, headers: { 'x-amz-bucket-region': 'sa-east-1' } },
  'region-location': { status: 307, headers: { Location: 'https://b.s3.eu-north-1.amazonaws.com/x' } },
  'temporary-redirect': { status: 307, error: { Code: 'TemporaryRedirect' } },
  'malformed-signature': { status: 400, error: { Code: 'AuthorizationHeaderMalformed' } },
  'login-redirect': {
    status: 302,
    headers: { Location: 'http://login.example/?for=me', 'Content-Type': 'text/html' },
    body: LOGIN_PAGE,
  },
  'https-redirect': {
    status: 301,
    headers: { Location: 'https://127.0.0.1/b', 'Content-Type': 'text/html' },
  },
  'login-page': { status: 200, headers: { 'Content-Type': 'text/html' }, body: LOGIN_PAGE },
  'forbidden-page': { status: 403, headers: { 'Content-Type': 'text/html' }, body: LOGIN_PAGE },
  'gateway-page': { status: 502, headers: { 'Content-Type': 'text/html' }, body: LOGIN_PAGE },
  'unknown-key': { status: 403, error: { Code: 'InvalidAccessKeyId', AWSAccessKeyId: 'AKIASECRET' } },
  'wrong-secret': { status: 403, error: { Code: 'SignatureDoesNotMatch', StringToSign: 'AKIASECRET' } },
  'no-bucket': { status: 404, error: { Code: 'NoSuchBucket' } },
  'slow-down': { status: 503, error: { Code: 'SlowDown', Message: 'Please reduce your request rate.' } },
  throttled: { status: 400, error: { Code: 'ThrottlingException', Message: 'Rate exceeded' } },
  'hostile-code': {
    status: 400,
    error: { Code: '&#27;[2J&lt;script&gt; AKIASECRET', Message: '&#27;[31m AKIASECRET' },
  },
  'inherited-code': { status: 400, error: { Code: 'constructor' } },
  'two-codes': {
    status: 400,
    body: '<Error><Code>A</Code><Code>B</Code><Message><b>AKIASECRET</b></Message></Error>',
  },
} satisfies Record<string, Refusal>;

export type RefusalName = keyof typeof REFUSALS;

/** The head and the body that a server sends. */
export function refusalResponse({ status, error, headers = {}, body }: Refusal): {
  status: number;
  headers: Record<string, string>;
  body: string;
} {
  const elements = Object.entries(error ?? {}).map(([name, text]) => `<${name}>${text}</${name}>`);
  return {
    status,
    headers: { 'Content-Type': 'application/xml', ...headers },
    body: body ?? (error ? `<?xml version="1.0"?><Error>${elements.join('')}</Error>` : ''),
  };
}
