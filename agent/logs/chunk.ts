// Pure: lines of one container, one after the other, in the words of the contract. Built while rows are read, so that a line
// costs no more than its text.
import type { LogChunk } from '#subjects/schema/log-batch.ts';

export interface Line {
  readonly isError: boolean;
  /** The next line of its stream goes on with it. */
  readonly isPiece: boolean;
  readonly seconds: number;
  readonly nanos: number;
  /** Escaped. */
  readonly text: string;
}

type Written = Pick<LogChunk, 'file' | 'first' | 'rows' | 'lines' | 'from' | 'to' | 'text'>;

/** Further apart their difference in nanoseconds is no number without loss. */
const EXACT_SECONDS = 4_000_000;

function difference(seconds: number, nanos: number): string {
  if (Math.abs(seconds) < EXACT_SECONDS) return (seconds * 1e9 + nanos).toString(36);
  return (BigInt(seconds) * 1_000_000_000n + BigInt(nanos)).toString(36);
}

export function nanoseconds(seconds: number, nanos: number): string {
  return String(BigInt(seconds) * 1_000_000_000n + BigInt(nanos));
}

export class ChunkText {
  readonly file: string;
  readonly first: number;
  #rows = 0;
  #lines = 0;
  /** All but the time of the first line, which counts from the earliest. */
  #letter = '';
  #text = '';
  #start: readonly [number, number] = [0, 0];
  #least: readonly [number, number] = [0, 0];
  #most: readonly [number, number] = [0, 0];
  #seconds = 0;
  #nanos = 0;

  constructor(file: string, first: number) {
    this.file = file;
    this.first = first;
  }

  /** Number of the row that would come next. */
  get next(): number {
    return this.first + this.#rows;
  }

  /** In characters. */
  get size(): number {
    return this.#text.length;
  }

  /** @param rows that it takes, with those before it of which nothing is sent */
  add({ isError, isPiece, seconds, nanos, text }: Line, rows: number): void {
    const letter = isError ? (isPiece ? 'E' : 'e') : isPiece ? 'O' : 'o';
    const counted = rows === 1 ? ' ' : `.${rows.toString(36)} `;
    if (this.#lines === 0) {
      this.#letter = letter;
      this.#text = counted + text;
      this.#start = this.#least = this.#most = [seconds, nanos];
    } else {
      this.#text += `\n${letter}${difference(seconds - this.#seconds, nanos - this.#nanos)}${counted}${text}`;
      if (isBefore(seconds, nanos, this.#least)) this.#least = [seconds, nanos];
      else if (!isBefore(seconds, nanos, this.#most)) this.#most = [seconds, nanos];
    }
    this.#seconds = seconds;
    this.#nanos = nanos;
    this.#rows += rows;
    this.#lines += 1;
  }

  /** Null when it has no line. */
  written(): Written | null {
    if (this.#lines === 0) return null;
    const [least, start] = [this.#least, this.#start];
    return {
      file: this.file,
      first: this.first,
      rows: this.#rows,
      lines: this.#lines,
      from: nanoseconds(...least),
      to: nanoseconds(...this.#most),
      text: this.#letter + difference(start[0] - least[0], start[1] - least[1]) + this.#text,
    };
  }
}

function isBefore(seconds: number, nanos: number, [otherSeconds, otherNanos]: readonly [number, number]): boolean {
  return seconds < otherSeconds || (seconds === otherSeconds && nanos < otherNanos);
}
