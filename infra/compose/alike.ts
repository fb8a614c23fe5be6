// Pure: what of YAML our reader and Compose's own, which follow different versions of the standard, read alike. The rest is
// refused, since what is judged here must be what Compose reads there.
import { CST, type Document, isAlias, isMap, isScalar, isSeq, type Pair, Scalar } from 'yaml';

/** Ends of lines for Compose but not for us: U+0085, U+2028, U+2029 and a carriage return alone. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
const FOREIGN = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]|\r(?!\n)|(?!^)\ufeff/u;

/** Compose takes back or replaces with these what another file says. */
const OWN_TAGS: readonly string[] = ['!reset', '!override'];

export interface Fault {
  readonly offset: number;
  readonly what: string;
}

/** The first character that ends a line for one reader alone, or that no text should hold. */
export function foreignCharacter(text: string): Fault | null {
  const found = FOREIGN.exec(text);
  if (found === null) return null;
  const code = found[0].codePointAt(0) ?? 0;
  const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  return { offset: found.index, what: `the character ${name} is not read alike by everybody; take it out` };
}

interface Around {
  /** Within brackets or braces. */
  readonly inFlow: boolean;
  /** The two tokens before, the nearer one last. */
  readonly before: readonly [string, string];
}

/** Why this token of the text is refused; null when both read it alike. */
export function faultOfToken(token: string, { inFlow, before }: Around): string | null {
  const type = CST.tokenType(token);
  const quoted = `"${token.slice(0, 50)}"`;
  if (type === 'directive-line') return `the directive ${quoted} is not read alike by everybody; take it out`;
  // `{?key: value}` has the key "?key" for one and "key" for the other, `[key:]` a mapping for one and a text for the other.
  if (inFlow && /^\?./.test(token)) return 'a "?" right before text is not read alike by everybody';
  const isBare = before[1] === ':' && !/^["']/.test(before[0]);
  if (inFlow && isBare && /^[,[\]{}]$/.test(token)) return 'a ":" needs a space after it to be read alike by everybody';
  if (type !== 'tag' || OWN_TAGS.includes(token)) return null;
  return `the tag ${quoted} is not read alike by everybody; only ${OWN_TAGS.join(' and ')} are for Compose`;
}

/** For the reader: what one of the two tags stands at keeps its plain meaning, so that nothing hides behind them. */
export const customTags = OWN_TAGS.map((tag) => ({ tag, resolve: (text: string) => text }));

/** A scalar with a tag is read as text; what says nothing says nothing with a tag as well. */
export function isNothing(node: unknown): node is Scalar {
  if (!isScalar(node) || !OWN_TAGS.includes(node.tag ?? '')) return false;
  return node.type === Scalar.PLAIN && /^(~|null|Null|NULL)?$/.test(node.source ?? '');
}

/** Why a merge is refused: only a plain `<<` with a mapping, or a list of them, is one for both. */
export function faultOfMerge({ key, value }: Pair, document: Document): string | null {
  if (!isScalar(key) || key.source !== '<<') return null;
  if (key.type !== Scalar.PLAIN) return 'a quoted "<<" is no merge for Compose; take the quotes out';
  const parts = isSeq(value) ? value.items : [value];
  const areMappings = parts.every((part) => isMap(isAlias(part) ? part.resolve(document) : part));
  return areMappings ? null : '"<<" merges mappings, or a list of them';
}
