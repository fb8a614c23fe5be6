// Pure: a row of a json-file as the engine writes it. Nearly every row looks the same, so that is recognised by its ends
// and its text is passed on as it stands, escaped; what looks otherwise is parsed as JSON.
import { escapedText } from '#subjects/schema/log-lines.ts';
import { nanoseconds } from './chunk.ts';

const HEAD = '{"log":"';
/** From the quote that closes the text to the one that opens the time; both streams have names of six letters. */
const MIDDLE = '","stream":"std';
const MIDDLE_LENGTH = '","stream":"stdout","time":"'.length;
const TIME_KEY = '","time":"';
/** The engine cuts zeros at the end of a second's fraction, and the point when none is left. */
const LONGEST_TIME = '2026-01-01T00:00:00.123456789Z'.length;
const SHORTEST_TIME = '2026-01-01T00:00:00Z'.length;
const SECONDS_LENGTH = '2026-01-01T00:00:00'.length;
const SECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/;
/** Nanoseconds of a later second have twenty digits. */
const LAST_SECOND = 9_999_999_998;

const [QUOTE, BACKSLASH, POINT, ZERO, NINE] = [34, 92, 46, 48, 57];
const [LETTER_E, LETTER_N, LETTER_Z, CLOSING_BRACE] = [101, 110, 90, 125];

/** The last one that was read. Its fields are overwritten by the next. */
export class Row {
  isError = false;
  /** Whole seconds since 1970, and nanoseconds after them. */
  seconds = 0;
  nanos = 0;
  /** As within a JSON string, without the newline that ends a line. */
  text = '';
  /** A line ends with it. Otherwise it goes on in the next row of its stream, or its writer ended. */
  isEnd = false;

  /** Nanoseconds since 1970. */
  get at(): string {
    return nanoseconds(this.seconds, this.nanos);
  }

  #secondsText = '';
  #secondsValue = 0;

  /** @param end of the row, without its newline. @returns false where it is no row of a log */
  read(block: string, start: number, end: number): boolean {
    return this.#readUsual(block, start, end) || this.#readJson(block.slice(start, end));
  }

  #readUsual(block: string, start: number, end: number): boolean {
    if (block.charCodeAt(end - 1) !== CLOSING_BRACE || block.charCodeAt(end - 3) !== LETTER_Z) return false;
    let time = end - 2 - LONGEST_TIME;
    while (block.charCodeAt(time - 1) !== QUOTE) {
      time += 1;
      if (time > end - 2 - SHORTEST_TIME) return false;
    }
    const close = time - MIDDLE_LENGTH;
    const begin = start + HEAD.length;
    if (close < begin || !block.startsWith(MIDDLE, close) || !block.startsWith(HEAD, start)) return false;
    if (!block.startsWith(TIME_KEY, time - TIME_KEY.length)) return false;
    if (!this.#readTime(block, time, end - 2)) return false;
    // A quote that nothing escapes ends the text: then this is another kind of row.
    const quote = block.indexOf('"', begin);
    if (quote !== close && block.charCodeAt(quote - 1) !== BACKSLASH) return false;
    this.isError = block.charCodeAt(close + MIDDLE.length) === LETTER_E;
    this.isEnd = endsLine(block, begin, close);
    this.text = block.slice(begin, this.isEnd ? close - 2 : close);
    return true;
  }

  #readJson(text: string): boolean {
    let found: { log?: unknown; stream?: unknown; time?: unknown };
    try {
      found = JSON.parse(text) as typeof found;
    } catch {
      return false;
    }
    const { log, stream, time } = found ?? {};
    if (typeof log !== 'string' || typeof time !== 'string') return false;
    if (stream !== 'stdout' && stream !== 'stderr') return false;
    if (!this.#readTime(time, 0, time.length)) return false;
    this.isError = stream === 'stderr';
    this.isEnd = log.endsWith('\n');
    this.text = escapedText(this.isEnd ? log.slice(0, -1) : log);
    return true;
  }

  #readTime(block: string, start: number, end: number): boolean {
    if (this.#secondsText === '' || !block.startsWith(this.#secondsText, start)) {
      const text = block.slice(start, start + SECONDS_LENGTH);
      const value = SECONDS.test(text) ? Date.parse(`${text}Z`) / 1000 : Number.NaN;
      if (!(value >= 0 && value <= LAST_SECOND)) return false;
      this.#secondsText = text;
      this.#secondsValue = value;
    }
    const nanos = fraction(block, start + SECONDS_LENGTH, end);
    if (nanos < 0) return false;
    this.seconds = this.#secondsValue;
    this.nanos = nanos;
    return true;
  }
}

/** Of what stands between the seconds and the end: `Z`, or a point, up to nine digits and `Z`. @returns -1 when it is none */
function fraction(block: string, start: number, end: number): number {
  if (block.charCodeAt(end - 1) !== LETTER_Z) return -1;
  if (start === end - 1) return 0;
  const digits = end - 2 - start;
  if (block.charCodeAt(start) !== POINT || digits < 1 || digits > 9) return -1;
  let value = 0;
  for (let at = start + 1; at < end - 1; at++) {
    const digit = block.charCodeAt(at);
    if (digit < ZERO || digit > NINE) return -1;
    value = value * 10 + digit - ZERO;
  }
  for (let length = digits; length < 9; length++) value *= 10;
  return value;
}

/** Whether `\n` stands there, and not an escaped backslash before an n. */
function endsLine(block: string, begin: number, close: number): boolean {
  if (block.charCodeAt(close - 1) !== LETTER_N) return false;
  let at = close - 2;
  while (at >= begin && block.charCodeAt(at) === BACKSLASH) at -= 1;
  return (close - 2 - at) % 2 === 1;
}
