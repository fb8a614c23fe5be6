// Log items on stdout, no faster than it takes them.
import { once } from 'node:events';
import type { LogItem } from '#clients/sdk/logs.ts';
import { jsonLine } from '../output/data.ts';
import { type Kind, showList } from '../output/render.ts';
import type { Session } from '../session.ts';
import { type LineStyle, rowOf } from './line.ts';

type NameOf = (node: string) => string;

const kind: Kind<LogItem> = {
  name: ({ id }) => `logs/${id}`,
  id: ({ id }) => id,
  none: 'No lines match.',
  columns: [],
};

async function written(text: string, signal: AbortSignal): Promise<void> {
  if (process.stdout.write(text)) return;
  // Who stops reading may press Ctrl-C then.
  await once(process.stdout, 'drain', { signal }).catch(() => {});
}

export function hasColours(): boolean {
  return process.stdout.isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
}

/** Rows as they come; as data, a line each. */
export async function showEach(
  { view, signal, note }: Session,
  items: AsyncIterable<LogItem>,
  nameOf: NameOf,
  style: LineStyle,
): Promise<void> {
  const isText = view.format === 'table' || view.format === 'wide';
  let count = 0;
  for await (const item of items) {
    if (signal.aborted) return;
    count += 1;
    const text = view.quiet ? `${item.id}\n` : isText ? rowOf(item, nameOf(item.node), style) : jsonLine(item);
    await written(text, signal);
  }
  if (count === 0 && !signal.aborted) note(kind.none);
}

/** All at once, in the form of any list. */
export async function showAll({ view, note }: Session, items: AsyncIterable<LogItem>): Promise<void> {
  const all: LogItem[] = [];
  for await (const item of items) all.push(item);
  showList(view, kind, all, note);
}
