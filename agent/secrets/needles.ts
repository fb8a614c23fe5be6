// Pure: finds secrets in bytes. Of a long value any sixteen bytes in a row give themselves away, wherever a line or a
// message was cut; a short one must stand whole. Linear in the text, whatever is looked for: candidates are found by their
// hash alone.

/** As many bytes of a value in a row are its, and nobody else's. */
const LEAST_PIECE = 16;
/** Every eighth place of a long value is known, so any fifteen bytes of it hold a block that is. */
const BLOCK = 8;
/** At the edge of a text, which may have been cut there, less is enough. */
const LEAST_EDGE = 8;
/** Fewer different bytes in a piece are indentation or a line across. */
const LEAST_DIFFERENT = 4;
/** Of blocks that stand in many places: what is peculiar follows soon. */
const SAME_BLOCKS = 8;
const BASE = 0x01000193;

interface Table {
  readonly mask: number;
  readonly heads: Int32Array;
  readonly next: Int32Array;
}

function spread(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return mixed ^ (mixed >>> 13);
}

function tableFor(count: number): Table {
  const size = 2 ** Math.ceil(Math.log2(Math.max(16, count * 2)));
  return { mask: size - 1, heads: new Int32Array(size).fill(-1), next: new Int32Array(count).fill(-1) };
}

/** Hashes of all that begins at the start, from which that of any piece follows. */
function prefixHashes(bytes: Uint8Array): Int32Array {
  const hashes = new Int32Array(bytes.length + 1);
  for (let at = 0; at < bytes.length; at++) {
    hashes[at + 1] = (Math.imul(hashes[at] as number, BASE) + (bytes[at] as number) + 1) | 0;
  }
  return hashes;
}

/** Of the base, as far as they were needed. */
let POWERS = new Int32Array([1]);
function power(length: number): number {
  if (length >= POWERS.length) {
    const more = new Int32Array(length * 2 + 1);
    more.set(POWERS);
    for (let at = POWERS.length; at < more.length; at++) more[at] = Math.imul(more[at - 1] as number, BASE);
    POWERS = more;
  }
  return POWERS[length] as number;
}

function pieceHash(hashes: Int32Array, at: number, length: number, factor: number): number {
  return spread(((hashes[at + length] as number) - Math.imul(hashes[at] as number, factor)) | 0);
}

function isSame(left: Uint8Array, at: number, right: Uint8Array, from: number, length: number): boolean {
  for (let index = 0; index < length; index++) if (left[at + index] !== right[from + index]) return false;
  return true;
}

/** For each place, the first at which enough different bytes have come by. */
function peculiarEnds(bytes: Uint8Array): Uint32Array {
  const ends = new Uint32Array(bytes.length).fill(bytes.length + 1);
  const counts = new Uint32Array(256);
  let [different, end] = [0, 0];
  for (let at = 0; at < bytes.length; at++) {
    while (end < bytes.length && different < LEAST_DIFFERENT) {
      const byte = bytes[end] as number;
      if (counts[byte] === 0) different += 1;
      counts[byte] = (counts[byte] as number) + 1;
      end += 1;
    }
    if (different < LEAST_DIFFERENT) break;
    ends[at] = end;
    const byte = bytes[at] as number;
    counts[byte] = (counts[byte] as number) - 1;
    if (counts[byte] === 0) different -= 1;
  }
  return ends;
}

/** Such a value is found by its pieces, and so is what it is a piece of. */
export function isLong(value: Uint8Array): boolean {
  if (value.length < LEAST_PIECE) return false;
  const different = new Set<number>();
  for (const byte of value) if (different.add(byte).size >= LEAST_DIFFERENT) return true;
  return false;
}

/** How many bytes are the same from there on, at most so many. Counted by halves: a text of one letter costs no more. */
function sameFrom(left: Int32Array, at: number, right: Int32Array, from: number, most: number): number {
  let [sure, open] = [0, most];
  while (sure < open) {
    const length = Math.ceil((sure + open) / 2);
    const factor = POWERS[length] as number;
    if (pieceHash(left, at, length, factor) === pieceHash(right, from, length, factor)) sure = length;
    else open = length - 1;
  }
  return sure;
}

export type Found = (start: number, end: number) => void;

export interface Needles {
  /** @param isCut whether what is before the start or after the end may have been cut away */
  find(bytes: Uint8Array, start: number, end: number, isCut: { start: boolean; end: boolean }, found: Found): void;
}

/** @param values those that are short are found where they stand whole */
export function needles(values: readonly Uint8Array[]): Needles {
  const wholes = wholeValues(values.filter((value) => !isLong(value)));
  const pieces = piecesOf(values.filter(isLong));
  return {
    find(all, start, end, isCut, found) {
      const bytes = all.subarray(start, end);
      const hashes = prefixHashes(bytes);
      const report: Found = (from, to) => found(start + from, start + to);
      wholes(bytes, hashes, report);
      pieces(bytes, hashes, report);
      for (const value of isCut.start || isCut.end ? values : []) {
        if (isCut.start) for (const to of edge(bytes, value, 'start')) report(0, to);
        if (isCut.end) for (const length of edge(bytes, value, 'end')) report(bytes.length - length, bytes.length);
      }
    },
  };
}

type Search = (bytes: Uint8Array, hashes: Int32Array, found: Found) => void;

function wholeValues(values: readonly Uint8Array[]): Search {
  const table = tableFor(values.length);
  const lengths = new Map<number, number>();
  for (const [index, value] of values.entries()) {
    const factor = lengths.get(value.length) ?? power(value.length);
    lengths.set(value.length, factor);
    const slot = pieceHash(prefixHashes(value), 0, value.length, factor) & table.mask;
    table.next[index] = table.heads[slot] as number;
    table.heads[slot] = index;
  }
  return (bytes, hashes, found) => {
    for (const [length, factor] of lengths) {
      for (let at = 0; at + length <= bytes.length; at++) {
        const slot = pieceHash(hashes, at, length, factor) & table.mask;
        for (let index = table.heads[slot] as number; index >= 0; index = table.next[index] as number) {
          const value = values[index] as Uint8Array;
          if (value.length === length && isSame(bytes, at, value, 0, length)) found(at, at + length);
        }
      }
    }
  };
}

function piecesOf(values: readonly Uint8Array[]): Search {
  const blocks = values.reduce((sum, { length }) => sum + Math.floor(length / BLOCK), 0);
  const table = tableFor(blocks);
  const owner = new Int32Array(blocks);
  const place = new Int32Array(blocks);
  const known = values.map(prefixHashes);
  const factor = power(BLOCK);
  power(values.reduce((most, { length }) => Math.max(most, length), 0));
  let count = 0;
  for (const [index, value] of values.entries()) {
    const hashes = known[index] as Int32Array;
    for (let at = 0; at + BLOCK <= value.length; at += BLOCK) {
      const slot = pieceHash(hashes, at, BLOCK, factor) & table.mask;
      let same = 0;
      for (let other = table.heads[slot] as number; other >= 0 && same < SAME_BLOCKS; ) {
        if (isSame(value, at, values[owner[other] as number] as Uint8Array, place[other] as number, BLOCK)) same += 1;
        other = table.next[other] as number;
      }
      if (same >= SAME_BLOCKS) continue;
      owner[count] = index;
      place[count] = at;
      table.next[count] = table.heads[slot] as number;
      table.heads[slot] = count;
      count += 1;
    }
  }

  return (bytes, hashes, found) => {
    const peculiar = count > 0 ? peculiarEnds(bytes) : new Uint32Array();
    let covered = -1;
    for (let at = 0; count > 0 && at + BLOCK <= bytes.length; at++) {
      const slot = pieceHash(hashes, at, BLOCK, factor) & table.mask;
      let furthest = covered;
      for (let index = table.heads[slot] as number; index >= 0; index = table.next[index] as number) {
        const value = values[owner[index] as number] as Uint8Array;
        const from = place[index] as number;
        if (!isSame(bytes, at, value, from, BLOCK)) continue;
        const rest = Math.min(bytes.length - at, value.length - from);
        const end = at + sameFrom(hashes, at, known[owner[index] as number] as Int32Array, from, rest);
        // What was found before needs no second look.
        const least = Math.max(covered, at - from);
        let start = at;
        while (start > least && bytes[start - 1] === value[from - (at - start) - 1]) start -= 1;
        if (end - start < LEAST_PIECE && start > covered) continue;
        if ((peculiar[start] as number) > end && start > covered) continue;
        found(start, end);
        furthest = Math.max(furthest, end);
      }
      // What comes next may begin within the block at the end of this.
      covered = furthest;
      if (furthest - BLOCK > at) at = furthest - BLOCK;
    }
  };
}

/** How much of a value's end stands at the start, or of its start at the end. */
function* edge(bytes: Uint8Array, value: Uint8Array, side: 'start' | 'end'): Generator<number> {
  const most = Math.min(LEAST_PIECE, value.length - 1, bytes.length);
  for (let length = most; length >= LEAST_EDGE; length--) {
    const isThere =
      side === 'start'
        ? isSame(bytes, 0, value, value.length - length, length)
        : isSame(bytes, bytes.length - length, value, 0, length);
    if (!isThere) continue;
    yield length;
    return;
  }
}
