// Pure: lines of one chunk as text, one a row: `<stream><time>[.<rows>] <text>`. Stream: `o` stdout, `e` stderr, in capitals
// when the line goes on in the next. Time: nanoseconds after the line before (the first: after the chunk's `from`), base 36,
// may be negative. Rows: base 36, 1 unless said. Text: escaped as within a JSON string, as the engine writes it, so that
// what only passes through is never unescaped.

export interface EncodedLine {
  readonly stream: 'stdout' | 'stderr';
  /** The line is a piece; the next line of its stream goes on with it. */
  readonly isPiece: boolean;
  /** Nanoseconds since 1970. */
  readonly at: bigint;
  readonly rows: number;
  readonly text: string;
}

/** Of a text that a JSON string holds, without its quotes. One that is none stands as it is. */
export function unescaped(escaped: string): string {
  if (!escaped.includes('\\')) return escaped;
  try {
    return JSON.parse(`"${escaped}"`) as string;
  } catch {
    return escaped;
  }
}

export function escapedText(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

const HEAD = /^([oeOE])(-?[0-9a-z]{1,14})(?:\.([0-9a-z]{1,6}))? /;

function fromBase36(text: string): bigint {
  const isNegative = text.startsWith('-');
  const digits = isNegative ? text.slice(1) : text;
  const small = Number.parseInt(digits, 36);
  const size = Number.isSafeInteger(small)
    ? BigInt(small)
    : [...digits].reduce((sum, digit) => sum * 36n + BigInt(Number.parseInt(digit, 36)), 0n);
  return isNegative ? -size : size;
}

/** @param from of the chunk */
export function encodeLines(from: bigint, lines: readonly EncodedLine[]): string {
  let before = from;
  return lines
    .map(({ stream, isPiece, at, rows, text }) => {
      const letter = stream === 'stdout' ? 'o' : 'e';
      const after = (at - before).toString(36);
      before = at;
      const counted = rows === 1 ? '' : `.${rows.toString(36)}`;
      return `${isPiece ? letter.toUpperCase() : letter}${after}${counted} ${escapedText(text)}`;
    })
    .join('\n');
}

/** Null where a row is none: a chunk is believed whole or not at all. */
export function decodeLines(from: bigint, text: string): EncodedLine[] | null {
  let before = from;
  const lines: EncodedLine[] = [];
  for (const row of text.split('\n')) {
    const head = HEAD.exec(row);
    if (head === null) return null;
    const [whole, letter = 'o', after = '0', rows = '1'] = head;
    before += fromBase36(after);
    lines.push({
      stream: letter.toLowerCase() === 'o' ? 'stdout' : 'stderr',
      isPiece: letter < 'a',
      at: before,
      rows: Number.parseInt(rows, 36),
      text: unescaped(row.slice(whole.length)),
    });
  }
  return lines;
}
