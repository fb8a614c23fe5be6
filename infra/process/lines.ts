// Pure: cuts text that arrives in pieces into lines, and keeps the end of a long output within a bound.

/** A line longer than this is handed on in pieces: a child that never writes a newline must not fill our memory. */
export const LONGEST_LINE = 64 * 1024;

/** Where a line that is too long may be cut: some of what stands in it may have to stay in one piece. */
export interface Cuts {
  /** As many characters after the cut must be known. */
  readonly reach: number;
  /** The first place from the wanted one on at which it may be. */
  at(text: string, wanted: number): number;
}

const ANYWHERE: Cuts = { reach: 0, at: (_, wanted) => wanted };

export class LineCutter {
  readonly #cuts: Cuts;
  #rest = '';

  constructor(cuts: Cuts = ANYWHERE) {
    this.#cuts = cuts;
  }

  /** The lines that this piece completes, without their ends. */
  push(piece: string): string[] {
    const lines = (this.#rest + piece).split('\n');
    this.#rest = lines.pop() ?? '';
    const pieces = lines.flatMap((line) => this.#pieces(line, 0));
    const kept = this.#pieces(this.#rest, this.#cuts.reach);
    this.#rest = kept.pop() ?? '';
    return [...pieces, ...kept].map(withoutReturn);
  }

  /** @param ahead characters more than a piece that stay in the last one: what follows decides where they are cut */
  #pieces(line: string, ahead: number): string[] {
    const pieces: string[] = [];
    let rest = line;
    while (rest.length > LONGEST_LINE + ahead) {
      const at = this.#cuts.at(rest, LONGEST_LINE);
      pieces.push(rest.slice(0, at));
      rest = rest.slice(at);
    }
    return rest === '' && pieces.length > 0 ? pieces : [...pieces, rest];
  }

  /** What is left when the stream ends without a newline. */
  end(): string[] {
    const rest = this.#rest;
    this.#rest = '';
    return rest === '' ? [] : this.#pieces(rest, 0).map(withoutReturn);
  }
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
