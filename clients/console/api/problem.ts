// What only a console says of a call that failed, beyond the problem documents that every client reads.
import { Problem } from '#clients/sdk/problem.ts';

export function unreachable(cause: unknown): Problem {
  const document = {
    title: 'The core does not answer',
    detail: 'Your browser could not reach it. What runs on the nodes keeps running.',
    code: 'unreachable',
  };
  return new Problem(document, 0, cause);
}

/** The line of a malformed text, when the document names one. */
export function faultLine(problem: Problem): number | null {
  const line = problem.fields['line'];
  return typeof line === 'number' && Number.isInteger(line) && line > 0 ? line : null;
}
