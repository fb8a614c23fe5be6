// Logs as one long text: page after page, the next one asked when the last was taken. A failure amid it can't be told by
// a status any more, so it is told in the last line.
import type { Bus, OutputOf } from '#infra/nats/bus.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { LogFilter, LogItem } from '#subjects/schema/log.ts';

export type LogFormat = 'text' | 'ndjson';
type Page = OutputOf<'readLogs'>;

const LIMIT = 2000;
/** A search that finds little answers late. */
const ANSWER_MS = 30_000;

export function firstPage(bus: Bus, filter: LogFilter, cursor: string | undefined): Promise<Page> {
  const at = cursor === undefined ? {} : { cursor };
  return bus.request('readLogs', {}, { filter, order: 'forward', limit: LIMIT, ...at }, { timeoutMs: ANSWER_MS });
}

function gapText({ from, to, rows, reason }: Extract<LogItem, { type: 'gap' }>): string {
  const amount = rows === null ? 'lines are missing' : `${rows} lines are missing`;
  return `--- ${amount}: ${reason}, ${from ?? '?'} to ${to ?? '?'} ---`;
}

/** What ends a line for some program, or is obeyed by a terminal. A tab is neither. */
const UNPRINTED = /[\p{Cc}\u2028\u2029]/gu;
const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\t' };

function escaped(text: string): string {
  return text.replace(UNPRINTED, (sign) => ESCAPES[sign] ?? `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** One row an item: no text makes a row that looks like another node's. */
function textOf(item: LogItem): string {
  const source = `${item.node} ${escaped(item.containerName)}`;
  if (item.type === 'gap') return `${item.from ?? item.to ?? '-'} ${source} - ${gapText(item)}\n`;
  return `${item.at} ${source} ${item.stream} ${escaped(item.text)}\n`;
}

const WRITTEN: Readonly<Record<LogFormat, (item: LogItem) => string>> = {
  text: textOf,
  ndjson: (item) => `${JSON.stringify(item)}\n`,
};

function lastLine(format: LogFormat, error: unknown, cursor: string): string {
  const { code, message: detail } = error instanceof OverseerError ? error : { code: 'internal', message: 'it failed' };
  if (format === 'ndjson') return `${JSON.stringify({ type: 'error', code, detail, cursor })}\n`;
  return `--- incomplete: ${code}: ${detail}; go on with cursor=${cursor} ---\n`;
}

/** `begun`: its first page, which was asked for while a failure could still be told by a status. */
export async function* downloaded(
  bus: Bus,
  filter: LogFilter,
  format: LogFormat,
  begun: Page,
): AsyncGenerator<string, void, undefined> {
  for (let page = begun; ; ) {
    yield page.items.map(WRITTEN[format]).join('');
    const { nextCursor } = page;
    if (nextCursor === null) return;
    try {
      page = await firstPage(bus, filter, nextCursor);
    } catch (error) {
      yield lastLine(format, error, nextCursor);
      return;
    }
    // Without end it would go on for as long as a cursor leads nowhere.
    if (page.nextCursor === nextCursor) {
      yield lastLine(format, new OverseerError('internal', 'the search does not go on'), nextCursor);
      return;
    }
  }
}
