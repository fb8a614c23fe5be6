// Pure: what the engine sends of a container's log, taken apart: frames of eight bytes of head and a payload that begins with
// its time; with a terminal there are no frames, only lines.
const HEAD_BYTES = 8;
const STDERR = 2;
const [NEWLINE, SPACE] = [10, 32];
/** The engine's own frames have 16 kB and a time; a larger one is none of it. */
const LONGEST_FRAME = 1024 * 1024;
/** A terminal's line can be of any length. Four of these are joined, and have room in a batch whatever is escaped in them. */
const TERMINAL_PIECE = 32 * 1024;
const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/;

export interface LogEntry {
  readonly isError: boolean;
  readonly seconds: number;
  readonly nanos: number;
  /** With the newline, where one ends it. */
  readonly payload: Uint8Array;
}

export class FrameReader {
  readonly #hasTerminal: boolean;
  #rest: Uint8Array = new Uint8Array();
  /** A terminal's line that was cut: what comes next goes on with it. */
  #cut: LogEntry | null = null;

  constructor(hasTerminal: boolean) {
    this.#hasTerminal = hasTerminal;
  }

  /** @returns entries that are complete; null in place of one that is none. @throws Error when it is no such stream */
  push(bytes: Uint8Array): (LogEntry | null)[] {
    const all = joined(this.#rest, bytes);
    const entries: (LogEntry | null)[] = [];
    let at = 0;
    for (let end = this.#endOf(all, at); end > 0; end = this.#endOf(all, at)) {
      const payload = all.subarray(this.#hasTerminal ? at : at + HEAD_BYTES, end);
      entries.push(this.#hasTerminal ? this.#piece(payload) : entryOf(all[at] === STDERR, payload));
      at = end;
    }
    this.#rest = all.slice(at);
    return entries;
  }

  #piece(bytes: Uint8Array): LogEntry | null {
    const entry = this.#cut === null ? entryOf(false, bytes) : { ...this.#cut, payload: bytes };
    this.#cut = bytes.at(-1) === NEWLINE ? null : entry;
    return entry;
  }

  /** What a terminal wrote last, without a newline. */
  end(): LogEntry | null {
    const rest = this.#rest;
    this.#rest = new Uint8Array();
    return this.#hasTerminal && rest.length > 0 ? this.#piece(rest) : null;
  }

  /** -1 while it is not complete. */
  #endOf(all: Uint8Array, at: number): number {
    if (this.#hasTerminal) {
      const end = all.subarray(at, at + TERMINAL_PIECE).indexOf(NEWLINE) + 1;
      return end > 0 ? at + end : all.length >= at + TERMINAL_PIECE ? at + TERMINAL_PIECE : -1;
    }
    if (all.length < at + HEAD_BYTES) return -1;
    const length = new DataView(all.buffer, all.byteOffset).getUint32(at + 4);
    if (length > LONGEST_FRAME) throw new Error('the engine sends no log');
    const end = at + HEAD_BYTES + length;
    return end > all.length ? -1 : end;
  }
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array {
  if (left.length === 0) return right;
  const all = new Uint8Array(left.length + right.length);
  all.set(left);
  all.set(right, left.length);
  return all;
}

function entryOf(isError: boolean, bytes: Uint8Array): LogEntry | null {
  const space = bytes.indexOf(SPACE);
  if (space < 0) return null;
  const [, time, fraction = ''] = TIME.exec(new TextDecoder('latin1').decode(bytes.subarray(0, space))) ?? [];
  const seconds = Date.parse(`${time}Z`) / 1000;
  if (!(seconds >= 0)) return null;
  return { isError, seconds, nanos: Number(fraction.padEnd(9, '0')), payload: bytes.subarray(space + 1) };
}
