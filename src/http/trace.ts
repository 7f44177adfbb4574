/** Names the request, in the logs too; a client's own name for it is taken over. */
export const REQUEST_ID_HEADER = 'x-request-id';

/** W3C Trace Context: the caller's trace and its span. */
export const TRACEPARENT_HEADER = 'traceparent';

/** Names one request across programs, for logs. */
export interface Trace {
  requestId: string;
  /** The caller's trace, and this server's span of it, when the caller is part of one. */
  traceId: string | undefined;
  spanId: string | undefined;
  /** What goes back, and would go on: the caller's trace with our span. */
  traceparent: string | undefined;
}

/** Wide enough for everyone's identifiers, and nothing that could end a log line or pass for something else. */
const REQUEST_ID = /^[A-Za-z0-9][A-Za-z0-9._:/+=-]{0,127}$/;

/**
 * version-traceid-parentid-flags; a version after 00 may have more behind them. All zeros, and version ff, are invalid.
 */
const TRACEPARENT =
  /^(?!ff|00.{53}-)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(?:-.*)?$/;

/**
 * Takes over the identifiers that a caller gives, when they are well formed. A request id is made where there is none;
 * a trace is not: nobody would collect it.
 */
export function traceOf(headers: Headers): Trace {
  const given = headers.get(REQUEST_ID_HEADER);
  const requestId = given !== null && REQUEST_ID.test(given) ? given : crypto.randomUUID();
  const parent = headers.get(TRACEPARENT_HEADER);
  const found = parent === null ? null : TRACEPARENT.exec(parent);
  if (found === null) return { requestId, traceId: undefined, spanId: undefined, traceparent: undefined };
  const [, traceId, flags] = found;
  const spanId = newSpanId();
  // We write version 00, of whose flags only the lowest, "sampled", is defined.
  const sampled = Number.parseInt(flags, 16) & 1;
  return { requestId, traceId, spanId, traceparent: `00-${traceId}-${spanId}-0${sampled}` };
}

/** 16 hex digits, not all 0: the first group of a random UUID and the three behind it have one that is always 4. */
function newSpanId(): string {
  return crypto.randomUUID().replaceAll('-', '').slice(0, 16);
}
