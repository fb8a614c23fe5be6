// Pure: reads a Compose text as YAML within limits. The YAML library takes time that grows with the square of anchors,
// tags and duplicate keys, so tokens are counted before anything is parsed, and duplicate keys are looked for here.
import {
  CST,
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  parseDocument,
  type YAMLParseError,
} from 'yaml';
import { OverseerError } from '#subjects/errors.ts';
import { COMPOSE_MAX_BYTES } from '#subjects/limits.ts';
import { customTags, faultOfMerge, faultOfToken, foreignCharacter, isNothing } from './alike.ts';

export const MAX_DEPTH = 64;
export const MAX_ALIASES = 100;
const MAX_TOKENS = 400_000;
/** Anchors and tags: far above what people write, far below what takes a second. */
const MAX_MARKS = 1000;

/** The lexer's own signs for documents, modes and scalars: not in the text. */
const MARKS = new Set<string>([CST.DOCUMENT, CST.FLOW_END, CST.SCALAR]);

export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface ComposeText {
  /** Plain values, aliases and merge keys resolved. */
  readonly content: unknown;
  /** Compose takes some of it back: `!reset`, `!override`. */
  readonly hasTags: boolean;
  /** Where the value at this path stands; null when it came in by an alias. */
  placeOf(path: readonly (string | number)[]): Place | null;
}

function malformed(file: string, what: string, at: Place | null): OverseerError {
  const where = at ? ` at line ${at.line}, column ${at.column}` : '';
  return new OverseerError('compose-malformed', `${file}: ${what}${where}`, { fields: { file, ...(at ?? {}) } });
}

function placeAt(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  const start = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: offset - start + 1 };
}

/** @returns whether there are tags */
function checkTokens(text: string, file: string): boolean {
  let [offset, tokens, aliases, marks, flow, indicators] = [0, 0, 0, 0, 0, 0];
  let before: readonly [string, string] = ['', ''];
  let hasTags = false;
  const refuse = (what: string) => malformed(file, what, placeAt(text, offset));
  for (const token of new Lexer().lex(text)) {
    tokens += 1;
    const inFlow = flow > 0;
    const type = CST.tokenType(token);
    if (type === 'flow-seq-start' || type === 'flow-map-start') flow += 1;
    else if (type === 'flow-seq-end' || type === 'flow-map-end') flow -= 1;
    else if (type === 'seq-item-ind' || type === 'explicit-key-ind') indicators += 1;
    else if (type === 'newline') indicators = 0;
    else if (type === 'alias') aliases += 1;
    else if (type === 'anchor' || type === 'tag') marks += 1;
    hasTags ||= type === 'tag';
    if (flow > MAX_DEPTH || indicators > MAX_DEPTH) throw refuse(`nested deeper than ${MAX_DEPTH}`);
    if (aliases > MAX_ALIASES) throw refuse(`more than ${MAX_ALIASES} aliases`);
    if (marks > MAX_MARKS) throw refuse(`more than ${MAX_MARKS} anchors and tags`);
    if (tokens > MAX_TOKENS) throw refuse(`more than ${MAX_TOKENS} tokens`);
    const fault = faultOfToken(token, { inFlow, before });
    if (fault !== null) throw refuse(fault);
    if (!MARKS.has(token) && token !== '') before = [before[1], token];
    if (!MARKS.has(token)) offset += token.length;
  }
  return hasTags;
}

type Refuse = (what: string, node: unknown) => OverseerError;

/** Depth, keys that stand twice, and aliases that hold themselves. `above` are the nodes around this one. */
function checkNode(node: unknown, above: readonly unknown[], document: Document, refuse: Refuse): void {
  if (above.length > MAX_DEPTH) throw refuse(`nested deeper than ${MAX_DEPTH}`, node);
  if (isAlias(node) && above.includes(node.resolve(document))) throw refuse('an alias to what holds it', node);
  const inside = [...above, node];
  if (isNothing(node)) node.value = null;
  if (isSeq(node)) for (const item of node.items) checkNode(item, inside, document, refuse);
  if (!isMap(node)) return;
  const seen = new Set<string>();
  for (const pair of node.items) {
    const { key, value } = pair;
    if (isAlias(key)) throw refuse('an alias is no key', key);
    if (isMap(key) || isSeq(key)) throw refuse('a key must be plain text', key);
    const merge = faultOfMerge(pair, document);
    if (merge !== null) throw refuse(merge, key);
    const name = isScalar(key) ? (typeof key.value === 'symbol' ? '<<' : String(key.value)) : String(key);
    if (seen.has(name)) throw refuse(`the key "${name.slice(0, 100)}" stands twice`, key);
    seen.add(name);
    checkNode(value, inside, document, refuse);
  }
}

function summaryOf(error: YAMLParseError): string {
  if (error.code === 'MULTIPLE_DOCS') return 'holds more than one document';
  return (error.message.split('\n')[0] as string).replace(/ at line \d+, column \d+:?$/, '');
}

/** @throws OverseerError `compose-malformed` with fields {file, line, column} */
export function readCompose(text: string, file: string): ComposeText {
  if (text.length > COMPOSE_MAX_BYTES) throw malformed(file, `larger than ${COMPOSE_MAX_BYTES} bytes`, null);
  const foreign = foreignCharacter(text);
  if (foreign !== null) throw malformed(file, foreign.what, placeAt(text, foreign.offset));
  const hasTags = checkTokens(text, file);
  const lines = new LineCounter();
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const how = { merge: true, uniqueKeys: false, logLevel: 'error', customTags } as const;
  const document = parseDocument(text, { lineCounter: lines, ...how });
  const [first] = document.errors;
  if (first) {
    throw malformed(file, summaryOf(first), place(first.pos[0]));
  }
  checkNode(document.contents, [], document, (what, node) =>
    malformed(file, what, isNode(node) && node.range ? place(node.range[0]) : null),
  );
  let content: unknown;
  try {
    content = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    throw malformed(file, error instanceof Error ? error.message : String(error), null);
  }
  return {
    content,
    hasTags,
    placeOf: (path) => {
      const node: unknown = document.getIn(path, true);
      const target = isPair(node) ? node.value : node;
      return isNode(target) && target.range ? place(target.range[0]) : null;
    },
  };
}
