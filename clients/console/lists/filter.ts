// The text filter of every list: `key:value` tokens and free words, all of which must match. Pure.

export interface Token {
  /** Null for a free word. */
  readonly key: string | null;
  readonly value: string;
  readonly negated: boolean;
}

/** What a row offers to the filter: values by key, and the text free words look into. */
export interface Searchable {
  readonly fields: Readonly<Record<string, readonly string[]>>;
  readonly text: string;
}

export function parseFilter(text: string): Token[] {
  return text
    .split(/\s+/)
    .filter((part) => part !== '' && part !== '-')
    .map((part) => {
      const negated = part.startsWith('-');
      const body = negated ? part.slice(1) : part;
      const at = body.indexOf(':');
      if (at <= 0) return { key: null, value: body.toLowerCase(), negated };
      return { key: body.slice(0, at).toLowerCase(), value: body.slice(at + 1).toLowerCase(), negated };
    });
}

function holds(row: Searchable, token: Token): boolean {
  const values = token.key === null ? undefined : row.fields[token.key];
  if (token.key === null) return row.text.toLowerCase().includes(token.value);
  // An unknown key is text with a colon in it, as in an image's name.
  if (values === undefined) return row.text.toLowerCase().includes(`${token.key}:${token.value}`);
  return values.some((value) => value.toLowerCase().startsWith(token.value));
}

export function matches(row: Searchable, tokens: readonly Token[]): boolean {
  return tokens.every((token) => holds(row, token) !== token.negated);
}

/** The filter with this token in place of any other of the same key; the same one again takes it away. */
export function toggleToken(text: string, key: string, value: string): string {
  const wanted = `${key}:${value}`;
  const parts = text.split(/\s+/).filter((part) => part !== '');
  const others = parts.filter((part) => !part.startsWith(`${key}:`));
  return (parts.includes(wanted) ? others : [...others, wanted]).join(' ');
}

export function labelFields(labels: Readonly<Record<string, string>>): string[] {
  return Object.entries(labels).flatMap(([key, value]) => [`${key}=${value}`]);
}
