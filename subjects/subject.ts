// The only place where a subject is built from a template or read back. Tokens are checked, never repaired.

import type { SubjectParameters } from './define.ts';
import { OverseerError } from './errors.ts';
import { ID_PATTERN, TOKEN_PATTERN } from './schema/ids.ts';

const PARAMETER = /\{([a-z]+)\}/g;

/** Parameters that only ever hold an id of ours. */
const ID_PARAMETERS = new Set(['node', 'nonce', 'deployment']);

function isToken(parameter: string, value: unknown): value is string {
  const pattern = ID_PARAMETERS.has(parameter) ? ID_PATTERN : TOKEN_PATTERN;
  return typeof value === 'string' && pattern.test(value);
}

/** @throws OverseerError `invalid-name` when a parameter is not a token of its alphabet. */
export function subjectOf<S extends string>(template: S, parameters: SubjectParameters<S>): string {
  return template.replace(PARAMETER, (_, name: string) => {
    const value = (parameters as Record<string, unknown>)[name];
    if (!isToken(name, value)) {
      throw new OverseerError('invalid-name', `${name} of subject ${template} is not a valid token`);
    }
    return value;
  });
}

/** The template with every parameter a wildcard, but for those given. */
export function patternOf(template: string, fixed: Readonly<Record<string, string>> = {}): string {
  return template.replace(PARAMETER, (_, name: string) => fixed[name] ?? '*');
}

export function parametersOf(template: string): string[] {
  return [...template.matchAll(PARAMETER)].map((match) => match[1] as string);
}

/** Parameters of a subject that was made from this template; null when it was not. */
export function parseSubject<S extends string>(template: S, subject: string): SubjectParameters<S> | null {
  const expected = template.split('.');
  const actual = subject.split('.');
  if (expected.length !== actual.length) return null;
  const found: Record<string, string> = {};
  for (const [index, token] of expected.entries()) {
    const value = actual[index];
    if (token.startsWith('{')) {
      const name = token.slice(1, -1);
      if (!isToken(name, value)) return null;
      found[name] = value;
    } else if (token !== value) {
      return null;
    }
  }
  return found as SubjectParameters<S>;
}
