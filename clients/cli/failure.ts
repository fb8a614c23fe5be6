// What the CLI says when it can't: what happened, why, what to do next; and the exit code. Pure.
import { issuesOf, Problem } from '#clients/sdk/problem.ts';

export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  access: 4,
  conflict: 5,
  late: 6,
  /** Of an audit that is not as it was written. One that could not be verified has failed. */
  untrue: 7,
  partial: 8,
  /** Of a plan, when asked for. Not two, as other tools have it: that is usage here. */
  changes: 10,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A failure that is told as it is, without a stack. */
export class Failure extends Error {
  readonly exitCode: ExitCode;
  readonly next: string | null;

  constructor(exitCode: ExitCode, message: string, next: string | null = null) {
    super(message);
    this.name = 'Failure';
    this.exitCode = exitCode;
    this.next = next;
  }
}

function exitCodeOf({ status, code }: Problem): ExitCode {
  if (code === 'node-offline' || status === 504) return EXIT.late;
  if (status === 404) return EXIT.notFound;
  if (status === 401 || status === 403) return EXIT.access;
  if (status === 409 || status === 412) return EXIT.conflict;
  return EXIT.failed;
}

const NEXT: Readonly<Record<string, string>> = {
  unreachable: 'Is it running? Start it with `npm start`, or name another with --url or OVERSEER_URL.',
  unauthorized: 'Give the admin token by OVERSEER_TOKEN or OVERSEER_TOKEN_FILE; it lies in $OVERSEER_DATA/admin-token.',
  unavailable: 'See which part is down: overseer status',
  'node-not-found': 'See which there are: overseer node ls',
  'stack-not-found': 'See which there are: overseer stack ls',
  'secret-not-found': 'Set it first: overseer secret set NAME',
  'revision-moved': 'Somebody changed it meanwhile. Look at it, and run the command again.',
  'rate-limited': 'Wait a moment and try again.',
};

interface Told {
  readonly exitCode: ExitCode;
  /** What, why, next. */
  readonly lines: readonly string[];
}

/** One alone is named by the detail already. */
function furtherIssues(problem: Problem): string[] {
  const issues = issuesOf(problem);
  return issues.length < 2 ? [] : issues.map(({ path, message }) => `  ${path}: ${message}`);
}

export function told(error: unknown, debug: boolean): Told {
  if (error instanceof Problem) {
    const lines = [`${error.title}: ${error.message}`, ...furtherIssues(error)];
    const next = NEXT[error.code];
    if (next) lines.push(next);
    if (debug && error.traceId !== null) lines.push(`trace ${error.traceId}`);
    return { exitCode: exitCodeOf(error), lines };
  }
  if (error instanceof Failure) {
    return { exitCode: error.exitCode, lines: [error.message, ...(error.next === null ? [] : [error.next])] };
  }
  const message = error instanceof Error ? error.message : String(error);
  const stack = debug && error instanceof Error ? [error.stack ?? ''] : [];
  return { exitCode: EXIT.failed, lines: [`Something went wrong: ${message}`, ...stack] };
}
