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

/** One row an item: no text makes a row that looks like another node's. */
function textOf(item: LogItem): string {
  const source = `${item.node} ${item.containerName}`;
  if (item.type === 'gap') return `${item.from ?? item.to ?? '-'} ${source} - ${gapText(item)}\n`;
  return `${item.at} ${source} ${item.stream} ${item.text.replaceAll('\n', '\\n')}\n`;
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
    if (page.nextCursor === nextCursor) return;
  }
}
