// Requests against their schemas. Every fault is told, each with its place and in words; the first decides the code. Pure.
import type { FastifySchemaCompiler } from 'fastify';
import * as z from 'zod/mini';
import { type ErrorCode, OverseerError } from '#subjects/errors.ts';

type Issue = z.core.$ZodIssue;

/** zod/mini speaks no language of its own, so that agents don't carry one. */
const english = z.locales.en().localeError;

/** No more than this many faults are told. */
const TOLD = 20;

const WHOLE: Readonly<Record<string, string>> = {
  body: 'the body',
  querystring: 'the query',
  params: 'the address',
  headers: 'the headers',
};

function codeOf(part: string, issue: Issue): ErrorCode {
  if (part === 'params') return 'invalid-name';
  const field = issue.path[0];
  if (part === 'body' && field === 'files' && issue.code === 'invalid_key') return 'path-outside';
  const isText = field === 'compose' || field === 'files';
  const isTooLarge = issue.code === 'too_big' || (issue.code === 'custom' && issue.message.endsWith('too large'));
  return part === 'body' && isText && isTooLarge ? 'too-large' : 'invalid-input';
}

/** A key's own faults say more than "invalid key". */
function told(issue: Issue): { path: string; message: string } {
  const message = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  return { path: issue.path.map(String).join('.'), message };
}

export function refusalOfIssues(part: string, issues: readonly Issue[]): OverseerError {
  const [first] = issues;
  const faults = issues.slice(0, TOLD).map(told);
  const place = faults[0]?.path ? `${faults[0].path} of ` : '';
  const limit = first?.code === 'too_big' ? { limit: Number(first.maximum) } : {};
  const detail = `${place}${WHOLE[part] ?? part}: ${faults[0]?.message ?? 'is not valid'}`;
  return new OverseerError(first ? codeOf(part, first) : 'invalid-input', detail.slice(0, 1000), {
    fields: { issues: faults, ...limit },
  });
}

export const validatorCompiler: FastifySchemaCompiler<z.core.$ZodType> = ({ schema, httpPart = 'body' }) => {
  return (content: unknown) => {
    // No body at all arrives here as null.
    const given = httpPart === 'body' && content === null ? undefined : content;
    const parsed = z.safeParse(schema, given, { error: english });
    return parsed.success ? { value: parsed.data } : { error: refusalOfIssues(httpPart, parsed.error.issues) };
  };
};
