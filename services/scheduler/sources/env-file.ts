// Pure: reads a `.env` file as Compose does: quotes, escapes, comments, and `${NAME}` of what stands above.
import { unusable } from './tree.ts';

const ASSIGNMENT = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*[=:]\s*/;
const REFERENCE = /\\\$|\$(?:\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-+])([^{}]*))?\}|([A-Za-z_][A-Za-z0-9_]*))/g;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' };

function expanded(text: string, known: ReadonlyMap<string, string>): string {
  return text.replace(REFERENCE, (whole, braced?: string, how?: string, other?: string, bare?: string) => {
    if (whole === '\\$') return '$';
    const value = known.get(braced ?? bare ?? '');
    const isSet = how?.startsWith(':') ? value !== undefined && value !== '' : value !== undefined;
    if (how?.endsWith('-')) return isSet ? (value ?? '') : (other ?? '');
    if (how?.endsWith('+')) return isSet ? (other ?? '') : '';
    return value ?? '';
  });
}

/** The text up to the closing quote and what follows it; null when it is never closed. */
function quoted(text: string): { value: string; rest: string } | null {
  const quote = text[0];
  for (let at = 1; at < text.length; at += 1) {
    if (text[at] === '\\' && quote === '"') at += 1;
    else if (text[at] === quote) return { value: text.slice(1, at), rest: text.slice(at + 1) };
  }
  return null;
}

function unescaped(text: string): string {
  return text.replace(/\\([nrt"\\])/g, (_, letter: string) => ESCAPES[letter] ?? letter);
}

/** @throws OverseerError `source-unusable` */
export function readEnvFile(text: string): Record<string, string> {
  const found = new Map<string, string>();
  let rest = text.replaceAll('\r\n', '\n');
  for (let line = 1; rest !== ''; ) {
    const end = rest.indexOf('\n');
    const one = (end < 0 ? rest : rest.slice(0, end)).trim();
    const next = end < 0 ? '' : rest.slice(end + 1);
    if (one === '' || one.startsWith('#')) {
      [rest, line] = [next, line + 1];
      continue;
    }
    const start = rest.trimStart();
    const [head, name] = ASSIGNMENT.exec(start.split('\n', 1)[0] ?? '') ?? [];
    // A name alone takes its value from the shell's environment, which is none of a stack's business.
    if (head === undefined || name === undefined) {
      if (!/^(?:export\s+)?[A-Za-z_][A-Za-z0-9_]*$/.test(one)) throw unusable(`.env: line ${line} is no NAME=value`);
      [rest, line] = [next, line + 1];
      continue;
    }
    const value = start.slice(head.length);
    if (value.startsWith('"') || value.startsWith("'")) {
      const read = quoted(value);
      if (!read) throw unusable(`.env: the quote at line ${line} is not closed`);
      found.set(name, value.startsWith("'") ? read.value : unescaped(expanded(read.value, found)));
      line += read.value.split('\n').length;
      const after = read.rest.indexOf('\n');
      rest = after < 0 ? '' : read.rest.slice(after + 1);
    } else {
      const plain = (value.split('\n', 1)[0] ?? '').replace(/(^|\s)#.*$/, '').trim();
      found.set(name, expanded(plain, found));
      [rest, line] = [next, line + 1];
    }
  }
  return Object.fromEntries(found);
}
