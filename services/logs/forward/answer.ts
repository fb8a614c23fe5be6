// What an answer to handed-on lines means. Pure.

export type Verdict =
  | { readonly type: 'taken' /** Lines that it says it did not take. */; readonly refused: number }
  /** These lines will never be taken: too old, too large, not to its liking. */
  | { readonly type: 'refused'; readonly why: string }
  /** The same again later. */
  | { readonly type: 'later'; readonly why: string };

/** Faults of the lines; all others are faults of an address, a credential or a moment, which somebody or time mends. */
const OF_THE_LINES = [400, 413, 422];
const TOLD = 300;

/** OTLP tells in a 200 how many records it refused. */
function partly(body: string): number {
  try {
    const { partialSuccess } = JSON.parse(body) as { partialSuccess?: { rejectedLogRecords?: string | number } };
    const count = Number(partialSuccess?.rejectedLogRecords ?? 0);
    return Number.isSafeInteger(count) && count > 0 ? count : 0;
  } catch {
    return 0;
  }
}

export function verdictOn(status: number, body: string): Verdict {
  if (status >= 200 && status < 300) return { type: 'taken', refused: partly(body) };
  const why = `${status} ${body.replace(/\s+/g, ' ').trim().slice(0, TOLD)}`.trim();
  return OF_THE_LINES.includes(status) ? { type: 'refused', why } : { type: 'later', why };
}

/** Milliseconds until the next attempt. @param failures in a row, from 1 */
export function waitAfter(failures: number): number {
  return Math.min(60_000, 1_000 * 2 ** Math.min(failures - 1, 10));
}

const HEADER = /^([A-Za-z0-9-]{1,64}):[ \t]*([\x20-\x7e]{1,8192})$/;

/** `Name: value`, one a row; empty rows and rows that begin with `#` count for nothing. Null when a row is none. */
export function headersIn(text: string): Record<string, string> | null {
  const headers: Record<string, string> = {};
  for (const row of text.split(/\r?\n/)) {
    if (row.trim() === '' || row.startsWith('#')) continue;
    const [, name, value] = HEADER.exec(row.trim()) ?? [];
    if (name === undefined || value === undefined) return null;
    headers[name.toLowerCase()] = value;
  }
  return headers;
}
