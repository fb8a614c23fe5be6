// Pure: a text as the ways of writing read it that tools use: with escapes resolved, percents, quotes and doubled dollars
// undone, hex and base64 decoded. Values are looked for in what was meant, so no list of their spellings is needed. Each
// byte remembers which part of the text it was read from.

export interface View {
  readonly bytes: Uint8Array;
  /** Where in the text each byte was read from. */
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  /** Pieces that have nothing to do with each other. */
  readonly parts: readonly (readonly [start: number, end: number])[];
}

const code = (character: string) => character.charCodeAt(0);
const [BACKSLASH, PERCENT, PLUS, SPACE, DOLLAR, QUOTE, DOUBLE] = ['\\', '%', '+', ' ', '$', "'", '"'].map(code) as [
  ...[number, number, number, number, number, number, number],
];

export function plainView(bytes: Uint8Array): View {
  const [from, to] = [new Uint32Array(bytes.length), new Uint32Array(bytes.length)];
  for (let at = 0; at < bytes.length; at++) {
    from[at] = at;
    to[at] = at + 1;
  }
  return { bytes, from, to, parts: [[0, bytes.length]] };
}

/** Nothing that is decoded here grows. */
class Writer {
  readonly #source: View;
  readonly #bytes: Uint8Array;
  readonly #from: Uint32Array;
  readonly #to: Uint32Array;
  readonly #parts: [number, number][] = [];
  #begun = 0;
  #length = 0;

  constructor(source: View) {
    const { length } = source.bytes;
    this.#source = source;
    this.#bytes = new Uint8Array(length);
    this.#from = new Uint32Array(length);
    this.#to = new Uint32Array(length);
  }

  /** A byte that the source's bytes from `start` on, before `end`, stand for. */
  push(byte: number, start: number, end: number): void {
    this.#bytes[this.#length] = byte;
    this.#from[this.#length] = this.#source.from[start] as number;
    this.#to[this.#length] = this.#source.to[end - 1] as number;
    this.#length += 1;
  }

  endPart(): void {
    if (this.#length > this.#begun) this.#parts.push([this.#begun, this.#length]);
    this.#begun = this.#length;
  }

  /** Null when it says what its source says. */
  reading(): View | null {
    return this.#length === this.#source.bytes.length ? null : this.view();
  }

  view(): View {
    this.endPart();
    const length = this.#length;
    const [bytes, from, to] = [this.#bytes, this.#from, this.#to];
    return {
      bytes: bytes.subarray(0, length),
      from: from.subarray(0, length),
      to: to.subarray(0, length),
      parts: this.#parts,
    };
  }
}

export type Reading = (view: View) => View | null;

const ESCAPED: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, b: 8, f: 12, a: 7, v: 11, e: 27 };

function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

/** The number that so many hex digits make; -1 when there are not as many. */
function hexAt(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let index = 0; index < count; index++) {
    const digit = hexDigit(bytes[at + index]);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

function unicodeAt(bytes: Uint8Array, at: number): number {
  return bytes[at] === BACKSLASH && bytes[at + 1] === code('u') ? hexAt(bytes, at + 2, 4) : -1;
}

const encoder = new TextEncoder();

/** What a backslash and what follows it stand for, and how many bytes both take. */
function escapeAt(bytes: Uint8Array, at: number): { meant: Uint8Array; length: number } {
  const next = bytes[at + 1] as number;
  const unit = unicodeAt(bytes, at);
  if (unit >= 0) {
    const isPair = unit >= 0xd800 && unit < 0xdc00 && unicodeAt(bytes, at + 6) >= 0xdc00;
    const text = isPair ? String.fromCharCode(unit, unicodeAt(bytes, at + 6)) : String.fromCharCode(unit);
    return { meant: encoder.encode(text), length: isPair ? 12 : 6 };
  }
  const byte = next === code('x') ? hexAt(bytes, at + 2, 2) : -1;
  if (byte >= 0) return { meant: Uint8Array.of(byte), length: 4 };
  const octal = String.fromCharCode(...bytes.subarray(at + 1, at + 4));
  if (/^[0-3][0-7]{2}$/.test(octal)) return { meant: Uint8Array.of(Number.parseInt(octal, 8)), length: 4 };
  return { meant: Uint8Array.of(ESCAPED[String.fromCharCode(next)] ?? next), length: 2 };
}

/** As JSON, Go, a shell and YAML escape with a backslash. */
export const withoutEscapes: Reading = (view) => {
  const { bytes } = view;
  if (!bytes.includes(BACKSLASH)) return null;
  const writer = new Writer(view);
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at] !== BACKSLASH || at + 1 === bytes.length) {
      writer.push(bytes[at] as number, at, at + 1);
      at += 1;
      continue;
    }
    const { meant, length } = escapeAt(bytes, at);
    for (const byte of meant) writer.push(byte, at, at + length);
    at += length;
  }
  return writer.reading();
};

function percents(view: View, isPlusSpace: boolean): View {
  const { bytes } = view;
  const writer = new Writer(view);
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at] as number;
    const value = byte === PERCENT ? hexAt(bytes, at + 1, 2) : -1;
    const length = value < 0 ? 1 : 3;
    writer.push(value < 0 ? (isPlusSpace && byte === PLUS ? SPACE : byte) : value, at, at + length);
    at += length;
  }
  return writer.view();
}

export const withoutPercents: Reading = (view) => (view.bytes.includes(PERCENT) ? percents(view, false) : null);
/** As forms are sent. */
export const withoutPluses: Reading = (view) => (view.bytes.includes(PLUS) ? percents(view, true) : null);

const SPELLINGS = [`'\\''`, `'"'"'`, `''`].map((text) => encoder.encode(text));

function startsWith(bytes: Uint8Array, at: number, spelling: Uint8Array): boolean {
  return spelling.every((byte, index) => bytes[at + index] === byte);
}

/** A quote within quotes, as a shell and YAML want it. */
export const withoutQuotes: Reading = (view) => {
  const { bytes } = view;
  const isSpelled = bytes.some((byte, at) => byte === QUOTE && [QUOTE, BACKSLASH, DOUBLE].includes(bytes[at + 1] ?? 0));
  if (!isSpelled) return null;
  const writer = new Writer(view);
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at] as number;
    const length = byte === QUOTE ? (SPELLINGS.find((one) => startsWith(bytes, at, one))?.length ?? 1) : 1;
    writer.push(byte, at, at + length);
    at += length;
  }
  return writer.reading();
};

/** As Compose writes a dollar. */
export const withoutDoubles: Reading = (view) => {
  const { bytes } = view;
  if (!bytes.some((byte, at) => byte === DOLLAR && bytes[at + 1] === DOLLAR)) return null;
  const writer = new Writer(view);
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at] as number;
    const length = byte === DOLLAR && bytes[at + 1] === DOLLAR ? 2 : 1;
    writer.push(byte, at, at + length);
    at += length;
  }
  return writer.reading();
};

/** Values of the characters of base64 and base64url; 255: none of them. */
const SIXES = new Uint8Array(256).fill(255);
for (const [at, character] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries()) {
  SIXES[code(character)] = at;
}
SIXES[code('-')] = 62;
SIXES[code('_')] = 63;

/** Calls `use` with each run of such bytes that is long enough to hold something. */
function runs(bytes: Uint8Array, isOne: (byte: number) => boolean, least: number, use: (a: number, b: number) => void) {
  let start = -1;
  for (let at = 0; at <= bytes.length; at++) {
    const isIn = at < bytes.length && isOne(bytes[at] as number);
    if (isIn && start < 0) start = at;
    if (isIn || start < 0) continue;
    if (at - start >= least) use(start, at);
    start = -1;
  }
}

/** @param skipped characters at the start of each run: what stood before the value decides where it begins */
export function base64View(view: View, skipped: number): View {
  const { bytes } = view;
  const writer = new Writer(view);
  const six = (at: number) => SIXES[bytes[at] as number] as number;
  runs(
    bytes,
    (byte) => SIXES[byte] !== 255,
    6,
    (start, end) => {
      for (let at = start + skipped; at + 1 < end; at += 4) {
        writer.push(((six(at) << 2) | (six(at + 1) >> 4)) & 255, at, at + 2);
        if (at + 2 < end) writer.push(((six(at + 1) << 4) | (six(at + 2) >> 2)) & 255, at + 1, at + 3);
        if (at + 3 < end) writer.push(((six(at + 2) << 6) | six(at + 3)) & 255, at + 2, at + 4);
      }
      writer.endPart();
    },
  );
  return writer.view();
}

export function hexView(view: View, skipped: number): View {
  const { bytes } = view;
  const writer = new Writer(view);
  runs(
    bytes,
    (byte) => hexDigit(byte) >= 0,
    8,
    (start, end) => {
      for (let at = start + skipped; at + 1 < end; at += 2) writer.push(hexAt(bytes, at, 2), at, at + 2);
      writer.endPart();
    },
  );
  return writer.view();
}
