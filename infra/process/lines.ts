// Pure: cuts text that arrives in pieces into lines, and keeps the end of a long output within a bound.

/** A line longer than this is handed on in pieces: a child that never writes a newline must not fill our memory. */
export const LONGEST_LINE = 64 * 1024;

export class LineCutter {
  #rest = '';

  /** The lines that this piece completes, without their ends. */
  push(piece: string): string[] {
    const lines = (this.#rest + piece).split('\n');
    this.#rest = lines.pop() ?? '';
    while (this.#rest.length > LONGEST_LINE) {
      lines.push(this.#rest.slice(0, LONGEST_LINE));
      this.#rest = this.#rest.slice(LONGEST_LINE);
    }
    return lines.flatMap(cutLong).map(withoutReturn);
  }

  /** What is left when the stream ends without a newline. */
  end(): string[] {
    const rest = this.#rest;
    this.#rest = '';
    return rest === '' ? [] : [withoutReturn(rest)];
  }
}

function cutLong(line: string): string[] {
  if (line.length <= LONGEST_LINE) return [line];
  const pieces: string[] = [];
  for (let at = 0; at < line.length; at += LONGEST_LINE) pieces.push(line.slice(at, at + LONGEST_LINE));
  return pieces;
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

/** The last `limit` characters of an output: errors stand at the end. */
export class OutputTail {
  readonly #limit: number;
  readonly #pieces: string[] = [];
  #length = 0;
  #isTruncated = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(piece: string): void {
    this.#pieces.push(piece);
    this.#length += piece.length;
    let first = this.#pieces[0];
    while (first !== undefined && this.#length - first.length >= this.#limit) {
      this.#pieces.shift();
      this.#length -= first.length;
      this.#isTruncated ||= first !== '';
      first = this.#pieces[0];
    }
  }

  get isTruncated(): boolean {
    return this.#isTruncated || this.#length > this.#limit;
  }

  text(): string {
    const all = this.#pieces.join('');
    return all.length > this.#limit ? all.slice(all.length - this.#limit) : all;
  }
}
