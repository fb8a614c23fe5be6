// Pure: the files of a stack that Compose reads. Follows `include` and `extends` as Compose does, each with the folder in
// which its paths start; what is read must be among the stack's own files, so that nobody else can put it there.
import { OverseerError } from '#subjects/errors.ts';
import type { NamedPath, Path } from './named-path.ts';
import { faultOfPath, plainPath } from './path.ts';
import { pathsNamedBy } from './places.ts';
import { type ComposeText, readCompose } from './text.ts';

export interface StackText {
  readonly compose: string;
  readonly files: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
}

export const COMPOSE_FILE = 'compose.yaml';
const VALUES_FILE = '.env';
/** Files with the folders in which they start: far above what people include, far below what takes a second. */
const MOST_VISITS = 1000;

function written(at: Path): string {
  return at.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('');
}

type Code = 'path-outside' | 'compose-refused';

export function refusalAt(file: string, text: ComposeText, at: Path, code: Code, what: string): OverseerError {
  const fields = { file, place: written(at), ...(text.placeOf(at) ?? {}) };
  return new OverseerError(code, `${file}: ${written(at)} ${what}`, { fields });
}

function checkPaths(file: string, text: ComposeText, paths: readonly NamedPath[]): void {
  for (const { at, path } of paths) {
    const fault = faultOfPath(path);
    if (fault !== null) throw refusalAt(file, text, at, 'path-outside', `"${path.slice(0, 200)}" ${fault}`);
  }
}

interface Visit {
  readonly file: string;
  /** Null: another version of Compose may take it for the file that is named, whatever folder it starts in then. */
  readonly base: string | null;
}

export interface Followed {
  /** Compose files by name. */
  readonly texts: ReadonlyMap<string, ComposeText>;
  /** What Compose reads beside them, if only when it is there. */
  readonly reads: ReadonlySet<string>;
  /** Those of them that give values to `${...}`. */
  readonly values: ReadonlySet<string>;
}

/** @throws OverseerError `compose-malformed`, `compose-refused`, `path-outside` */
export function follow({ compose, files, env }: StackText, main: string): Followed {
  const texts = new Map([[main, readCompose(compose, main)]]);
  const [reads, values] = [new Set([VALUES_FILE]), new Set([VALUES_FILE])];
  const waiting: Visit[] = [{ file: main, base: '' }];
  const seen = new Set<string>();
  const names = new Set<string>();

  function isOwn(path: string, use: NamedPath['use']): boolean {
    return Object.hasOwn(files, path) || (use !== 'compose' && path === VALUES_FILE && Object.keys(env).length > 0);
  }

  function alike(path: string): void {
    if (names.has(path)) return;
    names.add(path);
    const found = Object.keys(files).filter((file) => file === path || file.endsWith(`/${path}`));
    waiting.push(...found.map((file) => ({ file, base: null })));
  }

  function further({ file, base }: Visit, text: ComposeText, { at, path, use, ...named }: NamedPath): void {
    if (use === 'names') return;
    // What is taken back there decides in which folder paths start, and where values are read.
    if (text.hasTags && at[0] === 'include' && at.length > 2) {
      throw refusalAt(file, text, at, 'compose-refused', "can't be with !reset or !override in the same file");
    }
    if (use === 'compose') alike(plainPath(path));
    if (base === null) return;
    const full = plainPath(`${base}/${path}`);
    if (use !== 'values-if-there' && !isOwn(full, use)) {
      throw refusalAt(file, text, at, 'compose-refused', `"${path.slice(0, 200)}" is not among the stack's files`);
    }
    if (use === 'compose') waiting.push({ file: full, base: plainPath(`${base}/${named.base}`) });
    else reads.add(full);
    if (use === 'values' || use === 'values-if-there') values.add(full);
  }

  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const visit = JSON.stringify([next.file, next.base]);
    if (seen.has(visit)) continue;
    seen.add(visit);
    if (seen.size > MOST_VISITS) throw new OverseerError('compose-refused', `${main}: draws in too many files`);
    const text = texts.get(next.file) ?? readCompose(files[next.file] as string, next.file);
    texts.set(next.file, text);
    const paths = pathsNamedBy(text.content);
    checkPaths(next.file, text, paths);
    for (const named of paths) further(next, text, named);
  }
  return { texts, reads, values };
}

/**
 * Paths, in the stack's folder, of all that Compose itself reads there.
 * @throws OverseerError as `follow`
 */
export function readsOf(stack: StackText, main: string): string[] {
  const { texts, reads } = follow(stack, main);
  return [...new Set([...texts.keys(), ...reads])];
}
