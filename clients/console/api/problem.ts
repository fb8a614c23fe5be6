// What went wrong, in the words of the gateway's problem documents (RFC 9457).
export class Problem extends Error {
  readonly status: number;
  readonly title: string;
  readonly code: string;
  readonly traceId: string | null;
  /** What else the document says: line, limit, actual ... */
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(of: {
    status: number;
    title: string;
    detail: string;
    code: string;
    traceId: string | null;
    fields?: Readonly<Record<string, unknown>>;
  }) {
    super(of.detail);
    this.name = 'Problem';
    this.status = of.status;
    this.title = of.title;
    this.code = of.code;
    this.traceId = of.traceId;
    this.fields = of.fields ?? {};
  }
}

const KNOWN = new Set(['type', 'title', 'status', 'code', 'detail', 'instance', 'traceId', 'requestId']);

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** From whatever the server answered; a proxy between may have answered HTML. */
export function problemFrom(status: number, body: unknown, requestId: string | null): Problem {
  const document = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  const fields = Object.fromEntries(Object.entries(document).filter(([key]) => !KNOWN.has(key)));
  return new Problem({
    status,
    title: text(document['title']) ?? `The core answered ${status}`,
    detail: text(document['detail']) ?? '',
    code: text(document['code']) ?? 'unknown',
    traceId: text(document['traceId']) ?? text(document['requestId']) ?? requestId,
    fields,
  });
}

export function unreachable(): Problem {
  return new Problem({
    status: 0,
    title: 'The core does not answer',
    detail: 'Your browser could not reach it. What runs on the nodes keeps running.',
    code: 'unreachable',
    traceId: null,
  });
}

/** The line of a malformed text, when the document names one. */
export function faultLine(problem: Problem): number | null {
  const line = problem.fields['line'];
  return typeof line === 'number' && Number.isInteger(line) && line > 0 ? line : null;
}

/** What is wrong with which field, when the document says so. */
export function issuesOf(problem: Problem): { path: string; message: string }[] {
  const issues = problem.fields['issues'];
  if (!Array.isArray(issues)) return [];
  return issues.flatMap((issue: unknown) => {
    const { path, message } = (issue ?? {}) as Record<string, unknown>;
    return typeof message === 'string' ? [{ path: text(path) ?? '', message }] : [];
  });
}
