// The text of a .env file: what it means, and values written as one. As Docker Compose reads it: comments, `export`,
// quotes, values of several lines; but nothing is put in for `$`. Pure.

/** `KEY =`, with nothing of the value. */
const KEY = /[^\S\n]*(?:export[^\S\n]+)?([A-Za-z_]\w*)[^\S\n]*=/y;
const REST = '[^\\S\\n]*(?:#[^\\n]*)?(?=\\n|$)';
/**
 * On one line what is between the first quote and the last, as people write JSON; over several lines the next quote
 * closes, or the lines after a forgotten one would be swallowed.
 */
const QUOTED: Readonly<Record<string, readonly RegExp[]>> = {
  "'": [new RegExp(`'([^\\n]*?)'${REST}`, 'y'), new RegExp(`'([^']*)'${REST}`, 'y')],
  '"': [
    new RegExp(`"((?:\\\\[^\\n]|[^\\\\\\n])*?)"${REST}`, 'y'),
    new RegExp(`"((?:\\\\[\\s\\S]|[^\\\\"])*)"${REST}`, 'y'),
  ],
};
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', $: '$' };

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function unescaped(text: string): string {
  return text.replace(/\\([\s\S])/g, (whole, character: string) => ESCAPES[character] ?? whole);
}

function fault(text: string, at: number, what: string): Error {
  return new Error(`line ${text.slice(0, at).split('\n').length} ${what}`);
}

/** The value that begins at `at`, and where it ends. */
function valueAt(text: string, at: number): { value: string; end: number } {
  const newline = text.indexOf('\n', at);
  const lineEnd = newline < 0 ? text.length : newline;
  const line = text.slice(at, lineEnd);
  const start = at + line.length - line.trimStart().length;
  const quote = text[start] ?? '';
  const patterns = start < lineEnd ? QUOTED[quote] : undefined;
  if (patterns === undefined) return { value: line.replace(/\s+#[^\n]*$/, '').trim(), end: lineEnd };
  for (const pattern of patterns) {
    const match = matchAt(pattern, text, start);
    if (match !== null) {
      const inner = match[1] ?? '';
      return { value: quote === '"' ? unescaped(inner) : inner, end: start + match[0].length };
    }
  }
  throw fault(text, start, `has a ${quote} that is not closed, or more than a comment after it`);
}

/** @throws Error with the number of the line that is no `KEY=value` */
export function parseEnvText(given: string): Record<string, string> {
  const text = given.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  const found = new Map<string, string>();
  for (let at = 0; at < text.length; ) {
    const newline = text.indexOf('\n', at);
    const line = text.slice(at, newline < 0 ? text.length : newline).trim();
    if (line === '' || line.startsWith('#')) {
      at = newline < 0 ? text.length : newline + 1;
      continue;
    }
    const match = matchAt(KEY, text, at);
    if (match === null) throw fault(text, at, 'is not KEY=value');
    const { value, end } = valueAt(text, at + match[0].length);
    found.set(match[1] ?? '', value);
    at = end + 1;
  }
  return Object.fromEntries(found);
}

/** What is wrong with it; null when it can be read. */
export function envTextFault(text: string): string | null {
  try {
    parseEnvText(text);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const isBare = (value: string) => /^(?!['"#])[^\r\n$\\]*$/.test(value) && value === value.trim() && !/\s#/.test(value);

function written(value: string): string {
  if (isBare(value)) return value;
  if (!/['\r]/.test(value)) return `'${value}'`;
  return `"${value.replace(/["\\$]/g, '\\$&').replaceAll('\r', '\\r')}"`;
}

/** `parseEnvText` gives the same values back, whatever is in them. */
export function envText(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([key, value]) => `${key}=${written(value)}`)
    .join('\n');
}
