// The whole audit as one long text, a line a checkpoint or record; the next part is asked for when the last was taken. A
// failure amid it can't be told by a status any more, so it is told in the last line.
import type { Bus, OutputOf } from '#infra/nats/bus.ts';
import { OverseerError } from '#subjects/errors.ts';
import { given } from '../routes/pages.ts';

const PART_MS = 60_000;
type Part = OutputOf<'exportAudit'>;

interface Range {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export function exportedPart(bus: Bus, range: Range, cursor: Part['cursor']): Promise<Part> {
  return bus.request('exportAudit', {}, { cursor, ...given(range) }, { timeoutMs: PART_MS });
}

/** `begun`: its first part, which was asked for while a failure could still be told by a status. */
export async function* exported(bus: Bus, range: Range, begun: Part): AsyncGenerator<string, void, undefined> {
  for (let part = begun; ; ) {
    yield part.lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    if (part.cursor === null) {
      yield `${JSON.stringify({ type: 'end', from: range.from ?? null, to: range.to ?? null })}\n`;
      return;
    }
    try {
      part = await exportedPart(bus, range, part.cursor);
    } catch (error) {
      const { code, message: detail } =
        error instanceof OverseerError ? error : { code: 'internal', message: 'it failed' };
      yield `${JSON.stringify({ type: 'error', code, detail })}\n`;
      return;
    }
  }
}
