// Times, labels and counts as people say them. Pure.

const UNITS = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'm'],
] as const;

/** `12s`, `5m`, `3h`, `2d`. */
export function age(from: string | null, now: number): string {
  if (from === null) return '-';
  const seconds = Math.max(0, Math.round((now - Date.parse(from)) / 1000));
  const unit = UNITS.find(([size]) => seconds >= 2 * size);
  return unit ? `${Math.floor(seconds / unit[0])}${unit[1]}` : `${seconds}s`;
}

export function labels(of: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(of).map(([key, value]) => `${key}=${value}`);
  return pairs.length === 0 ? '-' : pairs.sort().join(',');
}

export function targets({ nodes, selector }: { nodes?: string[]; selector?: Record<string, string> }): string {
  const parts: string[] = [];
  if (selector) parts.push(labels(selector));
  if (nodes) parts.push(`${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'}`);
  return parts.join(' and ') || '-';
}

/** Enough of an id to name it. */
export const short = (id: string) => id.slice(0, 8);

interface Source {
  readonly commit: string | null;
  readonly seen: string | null;
  readonly error: string | null;
}

const COMMIT_LENGTH = 10;

/** The commit that is deployed, one that waits, and what went wrong. */
export function sourceText({ commit, seen, error }: Source): string {
  const parts = [commit === null ? 'nothing fetched yet' : `commit ${commit.slice(0, COMMIT_LENGTH)}`];
  if (seen !== null && seen !== commit) parts.push(`newest ${seen.slice(0, COMMIT_LENGTH)}`);
  if (error !== null) parts.push(error);
  return parts.join(', ');
}

interface Image {
  readonly image: string;
  readonly pinned: string | null;
  readonly newest: string | null;
  readonly error: string | null;
}

/** `sha256:` and twelve digits. */
const digest = (text: string) => text.replace(/^.*@/, '').slice(0, 'sha256:'.length + 12);

export function imageText({ image, pinned, newest, error }: Image): string {
  const parts = [pinned === null ? image : `${image} is ${digest(pinned)}`];
  if (newest !== null && newest !== pinned) parts.push(`newer: ${digest(newest)}`);
  if (error !== null) parts.push(error);
  return parts.join(', ');
}
