// Pure: takes the values of secrets, in the forms in which tools print them, out of text that leaves the node. Exact
// matches only; a value is found inside other encodings' output where it stands whole.

export const REDACTED = '[secret]';
/** A shorter value or line is found in innocent text at every turn. */
const SHORTEST_LINE = 6;
/** A value of a character or two would leave nothing of any text; it is no secret either. */
const SHORTEST_VALUE = 3;

export type Redactor = (text: string) => string;

export function redactor(values: readonly (Uint8Array | string)[]): Redactor {
  const forms = new Set(values.flatMap((value) => formsOf(bytesOf(value))));
  if (forms.size === 0) return (text) => text;
  // The longest first: a part of a form must not break up the whole.
  const sorted = [...forms].toSorted((a, b) => b.length - a.length);
  const pattern = new RegExp(sorted.map(literally).join('|'), 'g');
  return (text) => text.replace(pattern, REDACTED);
}

function bytesOf(value: Uint8Array | string): Uint8Array {
  return typeof value === 'string' ? new TextEncoder().encode(value) : value;
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

/** Everything that gives the value away, shortest forms left out. */
export function formsOf(value: Uint8Array): string[] {
  if (value.length < SHORTEST_VALUE) return [];
  const text = new TextDecoder().decode(value);
  const trimmed = text.trim();
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const texts = [...new Set([text, trimmed, ...(lines.length > 1 ? lines : [])])];
  const readable = texts.flatMap((part, index) => {
    const isWhole = index === 0 || part === trimmed;
    return part.length >= (isWhole ? SHORTEST_VALUE : SHORTEST_LINE) ? [part, ...textForms(part)] : [];
  });
  return [...new Set([...readable, ...byteForms(value), ...byteForms(new TextEncoder().encode(trimmed))])];
}

function textForms(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1);
  const ascii = json.replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  // Go's encoder, which Docker and Compose use, also escapes what HTML would read.
  const go = json.replace(/[<>&]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`);
  const url = encodeURIComponent(text.toWellFormed());
  const strict = url.replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const dollars = text.replaceAll('$', '$$$$');
  return [
    json,
    ascii,
    go,
    url,
    strict,
    lowerEscapes(url),
    lowerEscapes(strict),
    strict.replaceAll('%20', '+'),
    dollars,
  ];
}

function lowerEscapes(url: string): string {
  return url.replace(/%[0-9A-F]{2}/g, (found) => found.toLowerCase());
}

function byteForms(value: Uint8Array): string[] {
  if (value.length < SHORTEST_VALUE) return [];
  const hex = [...value].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const forms = [hex, hex.toUpperCase()];
  for (const offset of [0, 1, 2]) {
    for (const inner of base64Inside(value, offset)) {
      if (inner.length >= 4) forms.push(inner, inner.replaceAll('+', '-').replaceAll('/', '_'));
    }
  }
  return forms;
}

/** The characters that stand for the value alone when `offset` bytes come before it: something after it, or nothing. */
function base64Inside(value: Uint8Array, offset: number): string[] {
  const padded = new Uint8Array(offset + value.length);
  padded.set(value, offset);
  let binary = '';
  for (const byte of padded) binary += String.fromCharCode(byte);
  const encoded = btoa(binary).replace(/=+$/, '');
  const first = Math.ceil((offset * 8) / 6);
  const last = Math.floor((padded.length * 8) / 6);
  return [encoded.slice(first, last), encoded.slice(first)];
}
