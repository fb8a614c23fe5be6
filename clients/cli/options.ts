// Values of options, read and refused before anything is asked of the core. Pure.
import { InvalidArgumentError } from 'commander';

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90`, `90s`, `5m`, `1h` in milliseconds. */
export function duration(text: string): number {
  const match = DURATION.exec(text);
  const ms = match ? Number(match[1]) * (UNIT_MS[match[2] ?? 's'] ?? Number.NaN) : Number.NaN;
  // Timers hold no more.
  if (!(ms > 0) || ms > 2 ** 31 - 1) throw new InvalidArgumentError('It looks like 90s, 5m or 1h.');
  return ms;
}

export function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It is a whole number from 1.');
  return Number(text);
}

/** Collects `key=value` of an option that may be given many times. */
export function pair(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [key, ...value] = text.split('=');
  if (!key || value.length === 0) throw new InvalidArgumentError('It looks like key=value.');
  return { ...before, [key]: value.join('=') };
}

/** `25%` or a number of nodes. */
export function batch(text: string): number | string {
  if (/^([1-9]\d?|100)%$/.test(text)) return text;
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It looks like 2 or 25%.');
}

/** `service=2`. */
export function replicas(text: string): readonly [string, number] {
  const match = /^([a-zA-Z0-9._-]+)=(\d{1,4})$/.exec(text);
  if (!match) throw new InvalidArgumentError('It looks like web=2.');
  return [match[1] ?? '', Number(match[2])];
}

export function scale(text: string, before: Readonly<Record<string, number>> = {}): Record<string, number> {
  const [service, count] = replicas(text);
  return { ...before, [service]: count };
}

interface StackSecret {
  readonly secret?: string;
  readonly environment?: string;
}

/** `name[=secret][:ENV=VAR]`; may be given many times. */
export function secretUse(
  text: string,
  before: Readonly<Record<string, StackSecret>> = {},
): Record<string, StackSecret> {
  const match = /^([^=:]+)(?:=([^=:]+))?(?::ENV=([A-Za-z_]\w*))?$/.exec(text);
  if (!match)
    throw new InvalidArgumentError('It looks like password, password=db-password or password:ENV=DB_PASSWORD.');
  const [, name = '', secret, environment] = match;
  const use = { ...(secret === undefined ? {} : { secret }), ...(environment === undefined ? {} : { environment }) };
  return { ...before, [name]: use };
}

/** One of some words. */
export function oneOf<T extends string>(words: readonly T[]): (text: string) => T {
  return (text) => {
    const found = words.find((word) => word === text);
    if (found !== undefined) return found;
    throw new InvalidArgumentError(`It is ${words.join(' or ')}.`);
  };
}

export function several(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

/** Lines `KEY=value`, as Docker Compose reads them: comments, `export`, quotes. @throws Error with the line's number */
export function environmentOf(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const match = /^(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)$/.exec(line);
    if (!match) throw new Error(`line ${index + 1} is not KEY=value`);
    const value = match[2] ?? '';
    const quoted = /^(["'])(.*)\1\s*(?:#.*)?$/.exec(value);
    found[match[1] ?? ''] = quoted ? (quoted[2] ?? '') : value.replace(/\s+#.*$/, '');
  }
  return found;
}
