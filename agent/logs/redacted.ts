// Pure: takes the values of a stack's secrets out of its lines before anything else sees them. Of a line in pieces so much is
// held back as is needed to part no value.
import { escapedText, unescaped } from '#subjects/schema/log-lines.ts';
import type { Redactor } from '../secrets/redactor.ts';
import type { RowSink } from './join.ts';
import type { LineSearch } from './searched.ts';

/** Ends of pieces that belong to the next one of their stream, unescaped. */
export interface Held {
  stdout: string;
  stderr: string;
}

export function redacting(sink: RowSink, search: LineSearch, held: Held): RowSink {
  /** So much of a piece as may go; keeps the rest. */
  function cut(text: string, stream: keyof Held, isPiece: boolean, { cuts }: Redactor): string {
    const whole = held[stream] + text;
    const { reach, at } = cuts;
    const wanted = whole.length - reach;
    const place = isPiece ? (wanted > 0 ? at(whole, wanted) : 0) : whole.length;
    held[stream] = whole.slice(place);
    return whole.slice(0, place);
  }

  return {
    skipped: sink.skipped,
    unreadable: sink.unreadable,
    line(line, rows) {
      const stream = line.isError ? 'stderr' : 'stdout';
      const isWhole = !line.isPiece && held[stream] === '';
      const plain = unescaped(line.text);
      const redact = search(line.seconds);
      const text = isWhole ? plain : cut(plain, stream, line.isPiece, redact);
      const told = redact(text);
      sink.line(isWhole && told === plain ? line : { ...line, text: escapedText(told) }, rows);
    },
  };
}
