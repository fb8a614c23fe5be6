// A failed call, in the words of the gateway's problem document (RFC 9457).

export class Problem extends Error {
  /** 0: no answer came. */
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly traceId: string | null;
  /** What else the document says: line, limit, issues ... */
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(document: Readonly<Record<string, unknown>>, status: number, cause?: unknown) {
    const { type: _, title, status: __, code, detail, instance: ___, traceId, ...fields } = document;
    super(typeof detail === 'string' ? detail : `the core answered ${status}`, cause === undefined ? {} : { cause });
    this.name = 'Problem';
    this.status = status;
    this.code = typeof code === 'string' ? code : 'unknown';
    this.title = typeof title === 'string' ? title : `The core answered ${status}`;
    this.traceId = typeof traceId === 'string' ? traceId : null;
    this.fields = fields;
  }
}

export function unreachable(url: string, cause: unknown): Problem {
  const reason = cause instanceof Error && cause.cause instanceof Error ? `: ${cause.cause.message}` : '';
  const document = {
    title: 'The core does not answer',
    code: 'unreachable',
    detail: `nothing answers at ${url}${reason}`,
  };
  return new Problem(document, 0, cause);
}

/** A proxy between may have answered something else than a problem document; the call's id is in a header even then. */
export function problemFrom({ status, headers }: Pick<Response, 'status' | 'headers'>, body: unknown): Problem {
  const isDocument = typeof body === 'object' && body !== null;
  const document = isDocument ? (body as Record<string, unknown>) : {};
  return new Problem({ traceId: headers.get('x-request-id'), ...document }, status);
}

interface Issue {
  readonly path: string;
  readonly message: string;
}

/** What is wrong with which field, when the document says so. */
export function issuesOf({ fields }: Problem): Issue[] {
  const { issues } = fields;
  if (!Array.isArray(issues)) return [];
  return issues.flatMap((issue: unknown) => {
    const { path, message } = (issue ?? {}) as Record<string, unknown>;
    return typeof message === 'string' ? [{ path: typeof path === 'string' ? path : '', message }] : [];
  });
}
