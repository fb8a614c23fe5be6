// What is looked for, as conditions on chunks and on their lines. Pure.
import { RE2JS, RE2JSException, RE2JSSyntaxException } from 're2js';
import { OverseerError } from '#subjects/errors.ts';
import type { LogFilter } from '#subjects/schema/log.ts';
import type { EncodedLine } from '#subjects/schema/log-lines.ts';
import type { Source } from '../entry.ts';
import { END_OF_TIME } from './place.ts';

/** A line of a megabyte is looked through up to here: the engine takes some ten million steps a second. */
const SEARCHED_MAX = 64 * 1024;
/** Steps for each character in the worst case. */
const PROGRAM_MAX = 1000;

export interface Search {
  /** `node`, `stack`, `service` are equal; `container` is a name, or the beginning of an id. */
  readonly source: Partial<Pick<LogFilter, 'node' | 'stack' | 'service' | 'container'>>;
  /** Nanoseconds since 1970: from this time on, and before that one. */
  readonly since: bigint;
  readonly until: bigint;
  /** Also when a line is in range and from the right source. */
  readonly hasLine: ((line: EncodedLine) => boolean) | null;
}

function refuse(path: string, detail: string, fields: Record<string, unknown> = {}): never {
  throw new OverseerError('invalid-input', detail, { fields: { path, ...fields } });
}

/** @param text RFC 3339 in UTC, with up to nine digits of a second that count */
export function nanosecondsOf(text: string): bigint {
  const [, whole = '', fraction = ''] = /^(.*?)(?:\.(\d+))?Z$/.exec(text) ?? [];
  const seconds = BigInt(Math.floor(Date.parse(`${whole}Z`) / 1000));
  const at = seconds * 1_000_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0'));
  return at < 0n ? 0n : at > END_OF_TIME ? END_OF_TIME : at;
}

/** The other way round. */
export function timeText(at: bigint): string {
  const seconds = at / 1_000_000_000n;
  const date = new Date(Number(seconds) * 1000).toISOString().replace('.000Z', '');
  return `${date}.${String(at % 1_000_000_000n).padStart(9, '0')}Z`;
}

function compiled(pattern: string): RE2JS {
  try {
    const expression = RE2JS.compile(pattern);
    if (expression.programSize() <= PROGRAM_MAX) return expression;
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    const part = error instanceof RE2JSSyntaxException ? error.getPattern() : null;
    const why = error instanceof RE2JSSyntaxException ? error.getDescription() : 'it is none';
    const position = part === null ? 0 : Math.max(0, pattern.indexOf(part));
    refuse('regex', `regex: ${why} at ${position}`, { position });
  }
  refuse('regex', 'regex: it takes too many steps for each character', { position: 0 });
}

function textTest(text: string): (line: EncodedLine) => boolean {
  if (text !== text.toLowerCase()) return (line) => line.text.includes(text);
  return (line) => line.text.toLowerCase().includes(text);
}

function regexTest(pattern: string): (line: EncodedLine) => boolean {
  const expression = compiled(pattern);
  return ({ text }) => expression.test(text.length > SEARCHED_MAX ? text.slice(0, SEARCHED_MAX) : text);
}

/** @throws OverseerError `invalid-input`, for an expression with its `position` */
export function searchOf({ node, stack, service, container, stream, since, until, text, regex }: LogFilter): Search {
  for (const [path, value] of Object.entries({ service, container })) {
    if (value?.includes('\u0000')) refuse(path, `${path} holds a NUL`);
  }
  const tests = [
    stream === undefined ? null : (line: EncodedLine) => line.stream === stream,
    text === undefined ? null : textTest(text),
    regex === undefined ? null : regexTest(regex),
  ].filter((one) => one !== null);
  const given = Object.entries({ node, stack, service, container }).filter(([, value]) => value !== undefined);
  return {
    source: Object.fromEntries(given),
    since: since === undefined ? 0n : nanosecondsOf(since),
    until: until === undefined ? END_OF_TIME : nanosecondsOf(until),
    hasLine: tests.length === 0 ? null : (line) => tests.every((test) => test(line)),
  };
}

export function isFrom({ source }: Search, entry: Source): boolean {
  const { node, stack, service, container } = source;
  return (
    (node === undefined || node === entry.node) &&
    (stack === undefined || stack === entry.stack) &&
    (service === undefined || service === entry.service) &&
    (container === undefined || container === entry.name || entry.container.startsWith(container))
  );
}

export const isWithin = ({ since, until }: Search, at: bigint) => at >= since && at < until;
