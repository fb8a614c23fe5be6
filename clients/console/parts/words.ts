// Numbers and times as operators read them. Pure.

const UNITS: readonly [number, string][] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
  [1, 's'],
];

/** `4 s`, `12 min`, `3 h`, `41 d`: one unit, cut off, never negative. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  for (const [size, unit] of UNITS) if (seconds >= size) return `${Math.floor(seconds / size)} ${unit}`;
  return '0 s';
}

/** `< 0.1 s`, `12.3 s`, `3 min 4 s`: how long a piece of work took. */
export function elapsed(ms: number): string {
  const bounded = Math.max(0, ms);
  if (bounded < 100) return '< 0.1 s';
  if (bounded < 60_000) return `${(bounded / 1000).toFixed(1)} s`;
  const seconds = Math.round(bounded / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** The same while it still goes on: a tenth that stands still would look like a fault. */
export function running(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

export function bytes(count: number): string {
  if (count < 1024) return `${count} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = count / 1024;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

export function clockOffset(ms: number): string {
  return `${ms < 0 ? '−' : '+'}${duration(Math.abs(ms))}`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Order of names: `nas-2` before `nas-10`. */
export const byName = new Intl.Collator('en', { numeric: true }).compare;

/** `nodes/<id>` -> `<id>`. */
export function lastPart(subject: string): string {
  return subject.slice(subject.lastIndexOf('/') + 1);
}
