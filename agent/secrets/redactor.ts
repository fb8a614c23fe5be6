// Pure: takes the values of secrets out of text that leaves the node, however tools wrote them. It never lets a text pass
// that it could not search: then a fixed sentence stands for all of it, and no error tells of what was looked for.
import type { Cuts } from '#infra/process/lines.ts';
import { SECRET_FOUND_FROM_BYTES as SHORTEST_VALUE } from '#subjects/limits.ts';
import { glance } from './glance.ts';
import { isLong, type Needles, needles } from './needles.ts';
import * as views from './views.ts';

export const REDACTED = '[secret]';
export const UNSEARCHED = '[left out: it could not be searched for secrets]';
/** A shorter line of a longer value is found in innocent text at every turn. */
const SHORTEST_LINE = 6;
/** Columns at which tools break base64 (MIME, PEM) and hex, in bytes: the rest of a value stands on a line of its own. */
const WRAPS = [57, 48, 30];
/** A letter may be written as `\\u00e9`, with the backslash doubled for each string that it is put in once more. */
const LONGEST_SPELLING = 9;

export interface Redactor {
  (text: string): string;
  /** For whoever must cut a text before it is searched: so that no value is parted. */
  readonly cuts: Cuts;
}

const NO_CUTS: Cuts = { reach: 0, at: (_, wanted) => wanted };
const redactorWith = (redact: (text: string) => string, cuts: Cuts): Redactor => Object.assign(redact, { cuts });

/** For text in which nothing is to be looked for. */
export const openly: Redactor = redactorWith((text) => text, NO_CUTS);
/** Where it is not known what to look for. */
export const closed: Redactor = redactorWith((text) => (text === '' ? '' : UNSEARCHED), NO_CUTS);

/** The values may be wiped afterwards. */
export function redactor(values: readonly (Uint8Array | string)[]): Redactor {
  try {
    const sought = values.map((value) => Uint8Array.from(typeof value === 'string' ? encode(value) : value));
    const wanted = distinct(sought.flatMap(readings));
    if (wanted.length === 0) return openly;
    const plain = needles(wanted);
    const ends = distinct(sought.flatMap(tails));
    const encoded = [plain, needles(ends)];
    const isSuspicious = glance([...wanted, ...ends]);
    const spans = (bytes: Uint8Array) => spansIn(bytes, plain, encoded);
    const longest = wanted.reduce((most, { length }) => Math.max(most, length), 0);
    const reach = longest * LONGEST_SPELLING;
    // One value after the other is cut all the same, or it would never end.
    const at = (text: string, wanted: number) => Math.min(cutPlace(text, wanted, spans), wanted + reach);
    return redactorWith(
      (text) => {
        try {
          return isSuspicious(encodeLine(text)) ? without(text, spans) : text;
        } catch {
          return UNSEARCHED;
        }
      },
      { reach, at },
    );
  } catch {
    return closed;
  }
}

const encoder = new TextEncoder();
const encode = (text: string) => encoder.encode(text);
/** Most texts are lines of a log, of which each new array costs more than a glance. Nothing of it outlives a call. */
const line = new Uint8Array(16 * 1024);
/** Of a character of a string, at most. */
const BYTES = 3;
function encodeLine(text: string): Uint8Array {
  if (text.length * BYTES > line.length) return encode(text);
  return line.subarray(0, encoder.encodeInto(text, line).written);
}

const decode = (bytes: Uint8Array) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);

/** As it is, as a terminal shows it, without what is around it, and line by line. */
function readings(value: Uint8Array): Uint8Array[] {
  const text = decode(value);
  const shown = encode(text);
  const lines = text.includes('\n') ? text.split(/\r?\n/).map((line) => encode(line.trim())) : [];
  const trimmed = encode(text.trim());
  // Long ones are pieces of it.
  const isPiece = (part: Uint8Array) => isLong(shown) && isLong(part);
  return [
    ...[value, shown, ...(isPiece(trimmed) ? [] : [trimmed])].filter(({ length }) => length >= SHORTEST_VALUE),
    ...lines.filter((line) => line.length >= SHORTEST_LINE && !isPiece(line)),
  ];
}

function tails(value: Uint8Array): Uint8Array[] {
  return WRAPS.flatMap((width) => {
    const rest = value.length > width ? value.length % width : 0;
    return rest >= SHORTEST_VALUE ? [value.subarray(value.length - rest)] : [];
  });
}

function distinct(values: readonly Uint8Array[]): Uint8Array[] {
  return [...new Map(values.map((value) => [new TextDecoder('latin1').decode(value), value])).values()];
}

const { withoutEscapes, withoutPercents, withoutPluses, withoutQuotes, withoutDoubles } = views;
const READINGS = [withoutEscapes, withoutPercents, withoutPluses, withoutQuotes, withoutDoubles];

/** Each way of writing alone, and those that come upon one another: mostly a string is put into a string. */
function readingsOf(base: views.View) {
  const read = (view: views.View | null, ...ways: readonly views.Reading[]) =>
    view === null ? [] : ways.flatMap((way) => way(view) ?? []);
  const [escapes, percents] = [withoutEscapes(base), withoutPercents(base)];
  const others = read(base, withoutPluses, withoutQuotes, withoutDoubles);
  const twice = read(escapes, ...READINGS);
  const turned = [...others, ...(percents === null ? [] : [percents])].flatMap((view) => read(view, withoutEscapes));
  // A log line in JSON that tells of a request in JSON.
  const thrice = read(escapes === null ? null : withoutEscapes(escapes), withoutEscapes);
  const single = [base, escapes, percents].filter((view) => view !== null);
  return { single, all: [...single, ...others, ...twice, ...turned, ...read(percents, withoutPercents), ...thrice] };
}

type Span = [start: number, end: number];

/** Where values stand, in order, none touching another. */
function spansIn(bytes: Uint8Array, plain: Needles, encoded: readonly Needles[]): Span[] {
  const found: Span[] = [];
  const look = (view: views.View, sought: Needles) => {
    for (const [start, end] of view.parts) {
      const isCut = { start: view.from[start] === 0, end: view.to[end - 1] === bytes.length };
      sought.find(view.bytes, start, end, isCut, (from, to) => {
        found.push([view.from[from] as number, view.to[to - 1] as number]);
      });
    }
  };
  const { single, all } = readingsOf(views.plainView(bytes));
  for (const view of all) look(view, plain);
  for (const view of single) {
    const decoded = [0, 1, 2, 3].map((skipped) => views.base64View(view, skipped));
    for (const one of [...decoded, views.hexView(view, 0), views.hexView(view, 1)]) {
      for (const sought of encoded) look(one, sought);
    }
  }
  return joined(found, bytes);
}

function joined(found: readonly Span[], bytes: Uint8Array): Span[] {
  const spans: Span[] = [];
  for (const [from, to] of found.toSorted(([a], [b]) => a - b)) {
    const [start, end] = [characterStart(bytes, from), characterEnd(bytes, to)];
    const last = spans.at(-1);
    if (last === undefined || start > last[1]) spans.push([start, end]);
    else last[1] = Math.max(last[1], end);
  }
  return spans;
}

const isWithin = (byte: number | undefined) => byte !== undefined && (byte & 0xc0) === 0x80;

function characterStart(bytes: Uint8Array, at: number): number {
  let start = at;
  while (start > 0 && isWithin(bytes[start])) start -= 1;
  return start;
}

function characterEnd(bytes: Uint8Array, at: number): number {
  let end = at;
  while (end < bytes.length && isWithin(bytes[end])) end += 1;
  return end;
}

function without(text: string, spans: (bytes: Uint8Array) => Span[]): string {
  const bytes = encode(text);
  const hidden = spans(bytes);
  if (hidden.length === 0) return text;
  let [at, result] = [0, ''];
  for (const [start, end] of hidden) {
    result += decode(bytes.subarray(at, start)) + REDACTED;
    at = end;
  }
  return result + decode(bytes.subarray(at));
}

function cutPlace(text: string, wanted: number, spans: (bytes: Uint8Array) => Span[]): number {
  try {
    const bytes = encode(text);
    const place = encode(text.slice(0, wanted)).length;
    const across = spans(bytes).find(([start, end]) => start < place && place < end);
    return across === undefined ? wanted : decode(bytes.subarray(0, across[1])).length;
  } catch {
    // What is told of each piece fails as well, and then nothing of it is told.
    return wanted;
  }
}
