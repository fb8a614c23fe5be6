// The closed list of error codes, with HTTP status and retry advice. The code travels in a header on the bus and in the
// problem document over HTTP. Errors are recognised by code, never by text.

interface ErrorKind {
  readonly status: number;
  readonly title: string;
  /** What a caller should do. */
  readonly retry: 'never' | 'after-change' | 'later';
}

export const ERROR_CODES = {
  'invalid-input': { status: 400, title: 'The request is not valid', retry: 'after-change' },
  'invalid-name': { status: 400, title: 'A name is outside its alphabet', retry: 'after-change' },
  'clock-skew': { status: 400, title: 'The clocks differ too much', retry: 'after-change' },
  unauthorized: { status: 401, title: 'Authentication is needed', retry: 'after-change' },
  'token-unknown': { status: 401, title: 'The enrollment token is not known here', retry: 'never' },
  'token-expired': { status: 401, title: 'The enrollment token has expired', retry: 'never' },
  'token-revoked': { status: 401, title: 'The enrollment token was revoked', retry: 'never' },
  'proof-invalid': { status: 401, title: 'The signature does not prove possession of the key', retry: 'never' },
  'node-revoked': { status: 403, title: 'The node was deregistered', retry: 'never' },
  forbidden: { status: 403, title: 'Not allowed', retry: 'never' },
  'not-found': { status: 404, title: 'There is nothing here', retry: 'never' },
  'node-not-found': { status: 404, title: 'No such node', retry: 'after-change' },
  'stack-not-found': { status: 404, title: 'No such stack', retry: 'after-change' },
  'revision-not-found': { status: 404, title: 'No such revision', retry: 'after-change' },
  'secret-not-found': { status: 404, title: 'No such secret', retry: 'after-change' },
  'project-not-found': { status: 404, title: 'No such Compose project', retry: 'after-change' },
  'deployment-not-found': { status: 404, title: 'No such deployment', retry: 'after-change' },
  'method-not-allowed': { status: 405, title: 'This method is not for this address', retry: 'never' },
  'token-used': { status: 409, title: 'The enrollment token has been used', retry: 'never' },
  'name-taken': { status: 409, title: 'The name is taken', retry: 'after-change' },
  'key-taken': { status: 409, title: 'The key belongs to another node', retry: 'never' },
  'secret-in-use': { status: 409, title: 'A stack uses the secret', retry: 'after-change' },
  conflict: { status: 409, title: 'Somebody else changed it', retry: 'later' },
  'revision-moved': { status: 412, title: 'Another revision is the newest', retry: 'after-change' },
  'too-large': { status: 413, title: 'It is too large', retry: 'after-change' },
  'unsupported-media-type': { status: 415, title: 'The body must be JSON', retry: 'after-change' },
  'compose-malformed': { status: 422, title: 'The compose text is not YAML', retry: 'after-change' },
  'compose-refused': { status: 422, title: 'Docker Compose refuses the file', retry: 'after-change' },
  'policy-refused': { status: 422, title: 'The policy here does not allow it', retry: 'after-change' },
  'not-adoptable': { status: 422, title: 'The project cannot be adopted as it is', retry: 'after-change' },
  'source-unusable': { status: 422, title: 'The source cannot be used', retry: 'after-change' },
  'path-outside': { status: 422, title: 'A path leaves the stack', retry: 'after-change' },
  'document-too-large': {
    status: 422,
    title: 'The desired document of a node would be too large',
    retry: 'after-change',
  },
  'rate-limited': { status: 429, title: 'Too many requests', retry: 'later' },
  internal: { status: 500, title: 'Something went wrong inside', retry: 'later' },
  unavailable: { status: 503, title: 'A part that is needed does not answer', retry: 'later' },
  'node-offline': { status: 503, title: 'The node is not connected', retry: 'later' },
  timeout: { status: 504, title: 'No answer in time', retry: 'later' },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERROR_CODES;

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERROR_CODES, text);
}

/** An expected failure with a code from the list. `fields` say what a program needs (limit, actual, line). */
export class OverseerError extends Error {
  readonly code: ErrorCode;
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    detail: string,
    options: { fields?: Readonly<Record<string, unknown>>; cause?: unknown } = {},
  ) {
    super(detail, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'OverseerError';
    this.code = code;
    this.fields = options.fields ?? {};
  }
}
