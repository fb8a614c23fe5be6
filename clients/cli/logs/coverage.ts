// What is held of each log file, and what is not.
import { bodyOf, everyItem } from '#clients/sdk/client.ts';
import { gapAmount, sourceOf } from '#clients/sdk/log-words.ts';
import type { LogCoverage, LogFilter } from '#clients/sdk/logs.ts';
import { type Kind, showList } from '../output/render.ts';
import type { Session } from '../session.ts';

type Range = LogCoverage['held'][number];

/** `0-1,203`: the first and the last row. */
export function rangesText(ranges: readonly Range[]): string {
  const written = ranges.map(({ from, to }) => (to - from === 1 ? `${from}` : `${from}-${to - 1}`));
  return written.length === 0 ? '-' : written.join(',');
}

/** `12 rate-limited`, of each kind. */
export function gapsText({ gaps }: Pick<LogCoverage, 'gaps'>): string {
  const kinds = Map.groupBy(gaps, ({ reason }) => reason);
  const words = [...kinds].map(([reason, of]) => {
    const counts = of.map(({ from, to }) => (from === null || to === null ? null : to - from));
    const rows = counts.includes(null) ? null : counts.reduce((sum: number, count) => sum + (count ?? 0), 0);
    return `${rows === null ? gapAmount({ rows }) : rows} ${reason}`;
  });
  return words.join(', ') || '-';
}

function kind(nameOf: (id: string) => string): Kind<LogCoverage> {
  return {
    name: ({ container, file }) => `logs/${container}/${file ?? '-'}`,
    id: ({ container, file }) => `${container}/${file ?? '-'}`,
    none: 'No log of a container is held.',
    columns: [
      { title: 'NODE', of: ({ node }) => nameOf(node) },
      { title: 'SOURCE', of: sourceOf },
      { title: 'FILE', of: ({ file }) => file?.slice(0, 8) ?? '-' },
      { title: 'LINES', of: ({ lines }) => String(lines) },
      { title: 'BYTES', of: ({ bytes }) => String(bytes), wide: true },
      { title: 'FROM', of: ({ firstAt }) => firstAt ?? '-' },
      { title: 'TO', of: ({ lastAt }) => lastAt ?? '-' },
      { title: 'HELD', of: ({ held }) => rangesText(held), wide: true },
      { title: 'MISSING', of: gapsText },
      { title: 'NOT HERE', of: ({ unknown }) => rangesText(unknown) },
      { title: 'CONTAINER', of: ({ container }) => container.slice(0, 12), wide: true },
    ],
  };
}

export async function showCoverage(session: Session, filter: LogFilter, nameOf: (id: string) => string): Promise<void> {
  const { api, view, note, signal } = session;
  const { node, stack, container } = filter;
  const of = {
    ...(node === undefined ? {} : { node }),
    ...(stack === undefined ? {} : { stack }),
    ...(container === undefined ? {} : { container }),
  };
  const items = await everyItem((cursor) => {
    const query = { ...of, limit: 1000, ...(cursor === null ? {} : { cursor }) };
    return bodyOf(api.GET('/api/logs/coverage', { params: { query }, signal }));
  });
  showList(view, kind(nameOf), items, note);
}
