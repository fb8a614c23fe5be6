// Problem documents (RFC 9457): what every failed call is answered with. Pure.
import { ERROR_CODES, type ErrorCode, OverseerError } from '#subjects/errors.ts';
import { HTTP_BODY_MAX_BYTES } from '#subjects/limits.ts';

export const PROBLEM_TYPE = 'application/problem+json';

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly instance: string;
  /** Id of the request; the audit record and the log carry it too. */
  readonly traceId: string;
  readonly retry: string;
  readonly [field: string]: unknown;
}

/** Errors of the HTTP framework, known by its codes. */
const FRAMEWORK_CODES: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported-media-type',
  FST_ERR_MAX_PARAM_LENGTH: 'invalid-name',
  HPE_HEADER_OVERFLOW: 'too-large',
};

const FRAMEWORK_DETAILS: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'send JSON with content-type application/json',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'the body is not as long as its content-length says',
  FST_ERR_MAX_PARAM_LENGTH: 'a name in the address is longer than any may be',
  FST_ERR_BAD_URL: 'the address has a percent sign that encodes nothing',
};

interface ForeignError {
  readonly code?: unknown;
  readonly statusCode?: unknown;
  readonly message?: unknown;
}

/** Whatever was thrown, as an error of the closed list. What is not known is `internal` and tells nothing. */
export function refusalOf(error: unknown, bodyLimit = HTTP_BODY_MAX_BYTES): OverseerError {
  if (error instanceof OverseerError) return error;
  const { code, statusCode, message } = (error ?? {}) as ForeignError;
  const name = typeof code === 'string' ? code : '';
  const known = FRAMEWORK_CODES[name];
  const fields = known === 'too-large' ? { limit: bodyLimit } : {};
  const isBody = name === 'FST_ERR_CTP_BODY_TOO_LARGE';
  const fixed = isBody ? `a body may have ${bodyLimit} bytes` : FRAMEWORK_DETAILS[name];
  const detail = fixed ?? (typeof message === 'string' ? message : 'the request can not be read');
  if (known !== undefined) return new OverseerError(known, detail, { fields, cause: error });
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return new OverseerError('invalid-input', detail, { cause: error });
  }
  return new OverseerError('internal', 'it failed in an unexpected way; the log says how', { cause: error });
}

export function problemOf(refusal: OverseerError, instance: string, traceId: string): Problem {
  const { status, title, retry } = ERROR_CODES[refusal.code];
  return {
    ...refusal.fields,
    type: `https://overseer.dev/problems/${refusal.code}`,
    title,
    status,
    code: refusal.code,
    detail: refusal.message,
    instance,
    traceId,
    retry,
  };
}
