// Times as people ask for logs: RFC 3339, or so long ago. Pure.
import * as z from 'zod/mini';
import { Timestamp } from '#subjects/schema/ids.ts';

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const AGO = /^(\d{1,6})([smhdw])$/;

/** `2026-01-02T03:04:05.123456789Z`, or a whole number of seconds, minutes, hours, days or weeks ago: `15m`. */
export const LogTime = z
  .string()
  .check(
    z.refine(
      (text) => AGO.test(text) || Timestamp.safeParse(text).success,
      'must be a time as 2026-01-02T03:04:05Z, or how long ago: 30s, 15m, 2h, 3d, 1w',
    ),
  );

/** @param text a `LogTime` @param now milliseconds since 1970 */
export function timeOf(text: string, now: number): string {
  const [, amount, unit = 's'] = AGO.exec(text) ?? [];
  if (amount === undefined) return text;
  return new Date(Math.max(0, now - Number(amount) * (UNITS[unit] ?? 1) * 1000)).toISOString();
}
