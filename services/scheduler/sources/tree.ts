// Pure: which files of a commit's tree make up a stack.
import { OverseerError } from '#subjects/errors.ts';
import { COMPOSE_MAX_BYTES, FILES_MAX_BYTES } from '#subjects/limits.ts';
import { RelativePath } from '#subjects/schema/stack.ts';

export interface TreeEntry {
  readonly mode: string;
  readonly object: string;
  /** Relative to the stack's folder. */
  readonly path: string;
}

export interface StackTree {
  readonly compose: TreeEntry;
  readonly files: readonly TreeEntry[];
  /** A committed `.env`. */
  readonly env: TreeEntry | null;
  readonly warnings: readonly string[];
}

/** In the order in which Compose looks for them. */
const COMPOSE_NAMES = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];
const MAX_FILES = 2000;
const SYMLINK = '120000';
const SUBMODULE = '160000';
const EXECUTABLE = '100755';

export function unusable(detail: string, fields: Record<string, unknown> = {}): OverseerError {
  return new OverseerError('source-unusable', detail, { fields });
}

/** Of `git ls-tree -r -z`. @throws OverseerError `source-unusable` */
export function entriesOf(output: string): TreeEntry[] {
  const records = output.split('\0').filter((record) => record !== '');
  if (records.length > MAX_FILES) throw unusable(`the stack's folder holds more than ${MAX_FILES} files`);
  return records.map((record) => {
    const [, mode, object, path] = /^(\d{6}) \w+ ([0-9a-f]{40,64})\t([\s\S]+)$/.exec(record) ?? [];
    if (mode === undefined || object === undefined || path === undefined) throw unusable('git listed no tree');
    return { mode, object, path };
  });
}

function checkEntry({ mode, path }: TreeEntry): void {
  const file = path.slice(0, 255);
  if (mode === SYMLINK) throw unusable(`"${file}" is a symbolic link; a stack's files must be plain files`, { file });
  if (mode === SUBMODULE) throw unusable(`"${file}" is a submodule; submodules are not fetched`, { file });
  if (!RelativePath.safeParse(path).success) throw unusable(`"${file}" is no path a stack may have`, { file });
}

/** @param named the compose file, when the path named it; null to look for one */
export function stackTree(entries: readonly TreeEntry[], named: string | null): StackTree {
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  const names = named === null ? COMPOSE_NAMES : [named];
  const compose = names.map((name) => byPath.get(name)).find((entry) => entry !== undefined);
  if (!compose) throw unusable(`there is no ${names.join(', ')} at the path`);
  for (const entry of entries) checkEntry(entry);
  const warnings: string[] = [];
  const files = entries.filter((entry) => {
    if (entry === compose || entry.path === '.env') return false;
    if (entry.path !== 'compose.yaml' && entry.path !== 'compose.override.yaml') return true;
    warnings.push(`"${entry.path}" is left out: a stack is its one compose file, here "${compose.path}"`);
    return false;
  });
  const programs = files.filter(({ mode }) => mode === EXECUTABLE).map(({ path }) => path);
  if (programs.length > 0) warnings.push(`files are not executable on nodes: ${programs.slice(0, 10).join(', ')}`);
  return { compose, files, env: byPath.get('.env') ?? null, warnings };
}

/** Object -> size, of `git cat-file --batch-check`. What was not fetched for its size is missing. */
export function sizesOf(output: string): ReadonlyMap<string, number> {
  return new Map(
    output.split('\n').flatMap((line): [string, number][] => {
      const [object, type, size] = line.split(' ');
      return object !== undefined && type === 'blob' && size !== undefined ? [[object, Number(size)]] : [];
    }),
  );
}

/** Before anything is read. @throws OverseerError `source-unusable` that names the file */
export function checkSizes(tree: StackTree, sizes: ReadonlyMap<string, number>): void {
  const sized = (entry: TreeEntry, limit: number): number => {
    const size = sizes.get(entry.object);
    const file = entry.path;
    if (size === undefined) throw unusable(`"${file}" is larger than ${limit} bytes`, { file, limit });
    if (size > limit) throw unusable(`"${file}" has ${size} bytes, more than ${limit}`, { file, limit, actual: size });
    return size;
  };
  sized(tree.compose, COMPOSE_MAX_BYTES);
  if (tree.env) sized(tree.env, FILES_MAX_BYTES);
  const total = tree.files.reduce((sum, entry) => sum + sized(entry, FILES_MAX_BYTES), 0);
  if (total > FILES_MAX_BYTES) {
    throw unusable(`the files beside the compose file have ${total} bytes, more than ${FILES_MAX_BYTES}`, {
      limit: FILES_MAX_BYTES,
      actual: total,
    });
  }
}
