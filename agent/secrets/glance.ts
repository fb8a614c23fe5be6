// Pure: whether a text could hold any of the values at all. Most lines of a log hold none, and a search in every way of
// writing costs a hundred times as much as this. It may take a text for suspicious that is none, never the other way round.

/** As many bytes in a row are looked up at once. */
const GRAM = 4;
/** As many characters of base64: four bytes hold so many whole ones, wherever the groups of three begin. */
const SIXES_OF_A_GRAM = 4;
/** No match is shorter than this, or than the shortest value. */
const LEAST_EDGE = 8;
const BITS = 2 ** 18;

const code = (character: string) => character.charCodeAt(0);
const [BACKSLASH, PERCENT, PLUS, DOLLAR, QUOTE, DOUBLE] = ['\\', '%', '+', '$', "'", '"'].map(code);

/** Values of the characters of base64 and base64url, and of hex digits; 255: none. */
const SIX = new Uint8Array(256).fill(255);
for (const [at, character] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries()) {
  SIX[code(character)] = at;
}
SIX[code('-')] = 62;
SIX[code('_')] = 63;
const HEX = new Uint8Array(256).fill(255);
for (const [at, character] of [...'0123456789abcdef'].entries()) {
  HEX[code(character)] = at;
  HEX[code(character.toUpperCase())] = at;
}

/** By their hash alone: what looks like one by chance does not go on as one. */
class Grams {
  readonly #words = new Int32Array(BITS / 32);

  #place(gram: number): number {
    const mixed = Math.imul(gram ^ (gram >>> 15), 0x2c1b3c6d);
    return (mixed ^ (mixed >>> 13)) & (BITS - 1);
  }

  add(gram: number): void {
    const place = this.#place(gram);
    this.#words[place >> 5] = (this.#words[place >> 5] as number) | (1 << (place & 31));
  }

  has(gram: number): boolean {
    const place = this.#place(gram);
    return ((this.#words[place >> 5] as number) & (1 << (place & 31))) !== 0;
  }
}

/** Runs of four characters that a value is in base64, when so many bits of something else stand before it. */
function addSixes(value: Uint8Array, before: number, grams: Grams): void {
  let [held, bits, sixes, gram] = [0, 0, 0, 0];
  let skip = (6 - (before % 6)) % 6;
  for (const byte of value) {
    held = ((held << 8) | byte) & 0xffff;
    bits += 8;
    if (skip > 0) {
      bits -= skip;
      skip = 0;
    }
    while (bits >= 6) {
      bits -= 6;
      gram = ((gram << 6) | ((held >> bits) & 63)) & 0xffffff;
      sixes += 1;
      if (sixes >= SIXES_OF_A_GRAM) grams.add(gram);
    }
  }
}

/** Written in a way that has to be undone before anything can be said. */
function isSpelled(byte: number, next: number | undefined): boolean {
  if (byte === BACKSLASH || byte === PERCENT || byte === PLUS) return true;
  if (byte === DOLLAR) return next === DOLLAR;
  return byte === QUOTE && (next === QUOTE || next === BACKSLASH || next === DOUBLE);
}

/** @param values none shorter than four bytes. @returns false where none of them can stand in the text, in whatever spelling */
export function glance(values: readonly Uint8Array[]): (text: Uint8Array) => boolean {
  const [plain, sixes] = [new Grams(), new Grams()];
  for (const value of values) {
    let gram = 0;
    for (const [at, byte] of value.entries()) {
      gram = (gram << 8) | byte;
      if (at + 1 >= GRAM) plain.add(gram);
    }
    for (const before of [0, 8, 16]) addSixes(value, before, sixes);
  }
  // A match has so many grams one after the other: one alone stands in any text.
  const least = values.reduce((most, { length }) => Math.min(most, length), LEAST_EDGE);
  const enough = least - GRAM + 1;
  const enoughSixes = Math.floor((8 * least - 4) / 6) - SIXES_OF_A_GRAM + 1;

  return (text) => {
    let [gram, run, group, digits, hex] = [0, 0, 0, 0, 0];
    let [hits, sixHits, evenHits, oddHits] = [0, 0, 0, 0];
    for (let at = 0; at < text.length; at++) {
      const byte = text[at] as number;
      if (isSpelled(byte, text[at + 1])) return true;
      gram = (gram << 8) | byte;
      hits = at + 1 >= GRAM && plain.has(gram) ? hits + 1 : 0;
      if (hits >= enough) return true;
      const six = SIX[byte] as number;
      if (six === 255) {
        run = digits = sixHits = evenHits = oddHits = 0;
        continue;
      }
      group = ((group << 6) | six) & 0xffffff;
      run += 1;
      sixHits = run >= SIXES_OF_A_GRAM && sixes.has(group) ? sixHits + 1 : 0;
      if (sixHits >= enoughSixes) return true;
      const digit = HEX[byte] as number;
      if (digit === 255) {
        digits = evenHits = oddHits = 0;
        continue;
      }
      hex = (hex << 4) | digit;
      digits += 1;
      const hexHits = digits >= 2 * GRAM && plain.has(hex) ? (digits % 2 === 0 ? evenHits : oddHits) + 1 : 0;
      if (hexHits >= enough) return true;
      if (digits % 2 === 0) evenHits = hexHits;
      else oddHits = hexHits;
    }
    return false;
  };
}
