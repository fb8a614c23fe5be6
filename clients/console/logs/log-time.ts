// Times of lines as somebody wants to read them. Pure.
export type TimeForm = 'off' | 'local' | 'utc';

const two = (value: number) => String(value).padStart(2, '0');

/** With milliseconds; the day is told where it changes. @param at RFC 3339 with nanoseconds */
export function clockTime(at: string, form: Exclude<TimeForm, 'off'>): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return at;
  const ms = String(date.getUTCMilliseconds()).padStart(3, '0');
  return form === 'utc'
    ? `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}.${ms}`
    : `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${ms}`;
}

export function dayOf(at: string, form: TimeForm): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return '';
  return form === 'utc'
    ? date.toISOString().slice(0, 10)
    : `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** For a field of the kind `datetime-local`, which knows no zone. */
export function fieldTime(at: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return '';
  return `${dayOf(at, 'local')}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** Null when it is no time. */
export function timeOfField(text: string): string | null {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}

/** `15m`, or from when to when. */
export function rangeWords(since: string | undefined, until: string | undefined): string {
  const short = (at: string) => `${dayOf(at, 'local')} ${clockTime(at, 'local').slice(0, 8)}`;
  const isAgo = since !== undefined && /^\d+[smhdw]$/.test(since);
  if (since === undefined && until === undefined) return 'All time';
  if (isAgo && until === undefined) return `Last ${since}`;
  const from = since === undefined ? 'the beginning' : isAgo ? `${since} ago` : short(since);
  return `${from} – ${until === undefined ? 'now' : short(until)}`;
}
