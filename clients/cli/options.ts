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

/** `90`, `90s`, `5m`, `1h` in seconds; 0 as well. */
export function seconds(text: string): number {
  const count = /^0s?$/.test(text) ? 0 : duration(text) / 1000;
  if (!Number.isInteger(count)) throw new InvalidArgumentError('It is whole seconds.');
  return count;
}

const AGO = /^(\d{1,9})(ms|s|m|h|d|w)$/;
const LONG_UNIT_MS: Readonly<Record<string, number>> = { ...UNIT_MS, w: 604_800_000 };

export interface Moment {
  readonly typed: string;
  /** As the core takes it: with nanoseconds where they were given. */
  readonly at: string;
}

/** `15m` ago, or a date with or without a time. @param now milliseconds since 1970 */
export function moment(text: string, now: number): Moment {
  const [, amount, unit = ''] = AGO.exec(text) ?? [];
  const ms = amount === undefined ? Date.parse(text) : now - Number(amount) * (LONG_UNIT_MS[unit] ?? Number.NaN);
  // Other things are dates to the parser as well, and mean another one than was meant.
  const isWritten =
    amount !== undefined || /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/.test(text);
  if (!isWritten || Number.isNaN(ms)) {
    throw new InvalidArgumentError('It looks like 15m, 2h, 3d, 2026-01-02 or 2026-01-02T03:04:05Z.');
  }
  return { typed: text, at: /\.\d{4,}Z$/.test(text) ? text : new Date(Math.max(0, ms)).toISOString() };
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
