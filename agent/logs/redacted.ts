// Pure: takes the values of a stack's secrets out of its lines before anything else sees them. Of a line in pieces so much is
// held back as is needed to part no value.
import { escapedText, unescaped } from '#subjects/schema/log-lines.ts';
import type { Redactor } from '../secrets/redactor.ts';
import type { Line } from './chunk.ts';
import type { RowSink } from './join.ts';

/** Ends of pieces that belong to the next one of their stream, unescaped. */
export interface Held {
  stdout: string;
  stderr: string;
}

/** Searched together first: mostly nothing is found, and one long text is searched sooner than many short ones. */
const TOGETHER = 32;

interface Waiting {
  readonly line: Line;
  readonly rows: number;
  readonly text: string;
}

export interface RedactingSink extends RowSink {
  /** Hands on what waits. */
  end(): void;
}

export function redacting(sink: RowSink, redact: Redactor, held: Held): RedactingSink {
  let waiting: Waiting[] = [];

  function end(): void {
    const lines = waiting;
    waiting = [];
    if (lines.length === 0) return;
    const together = lines.map(({ text }) => text).join('\n');
    const isClean = redact(together) === together;
    for (const { line, rows, text } of lines) {
      sink.line(isClean ? line : { ...line, text: escapedText(redact(text)) }, rows);
    }
  }

  /** So much of it as may go, and keeps the rest. */
  function cut(line: Line, stream: keyof Held): string {
    const whole = held[stream] + unescaped(line.text);
    const { reach, at } = redact.cuts;
    const wanted = whole.length - reach;
    const place = line.isPiece ? (wanted > 0 ? at(whole, wanted) : 0) : whole.length;
    held[stream] = whole.slice(place);
    return whole.slice(0, place);
  }

  return {
    line(line, rows) {
      const stream = line.isError ? 'stderr' : 'stdout';
      if (line.isPiece || held[stream] !== '') {
        end();
        sink.line({ ...line, text: escapedText(redact(cut(line, stream))) }, rows);
        return;
      }
      waiting.push({ line, rows, text: unescaped(line.text) });
      if (waiting.length === TOGETHER) end();
    },
    skipped(rows) {
      end();
      sink.skipped(rows);
    },
    unreadable(rows) {
      end();
      sink.unreadable(rows);
    },
    end,
  };
}
