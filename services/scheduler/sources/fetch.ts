// From a git source to the text of a stack: asks for the ref, fetches its commit, reads the files at the path. Nothing of
// the repository is checked out or run.
import { posix } from 'node:path';
import { OverseerError } from '#subjects/errors.ts';
import { COMPOSE_MAX_BYTES, FILES_MAX_BYTES } from '#subjects/limits.ts';
import type { GitSource } from '#subjects/schema/source.ts';
import { textsOf } from './blobs.ts';
import { Copy, reach } from './copies.ts';
import { withCredential } from './credential.ts';
import { readEnvFile } from './env-file.ts';
import { type GitPlace, gitError } from './git.ts';
import { repositoryOf, stackPath } from './repository.ts';
import { checkSizes, entriesOf, sizesOf, stackTree, type TreeEntry, unusable } from './tree.ts';

export interface FetchedSource {
  readonly commit: string;
  readonly compose: string;
  readonly files: Readonly<Record<string, string>>;
  /** Of a committed `.env`: what the specification says goes before it. */
  readonly env: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
}

/** Value of a secret of this core; null when there is none of that name, or none that the core may open. */
export type OpenCredential = (name: string) => Promise<Buffer | null>;

export interface SourceReader {
  /** @returns null when the ref still names the commit `known`. @throws OverseerError `source-unusable` */
  fetchChanged(source: GitSource, known: string | null): Promise<FetchedSource | null>;
  /** @throws OverseerError `source-unusable` */
  fetch(source: GitSource): Promise<FetchedSource>;
}

const LIST_MAX = 4 * 1024 * 1024;
const TREE = /^tree$/m;

async function read(copy: Copy, args: readonly string[], what: string, input?: string): Promise<string> {
  const keep = Math.max(LIST_MAX, COMPOSE_MAX_BYTES + 2 * FILES_MAX_BYTES + 1024 * 1024);
  const result = await copy.read(args, { keep, ...(input === undefined ? {} : { input }) });
  if (result.exitCode !== 0) throw gitError(what, result, (text) => text);
  if (result.truncated) throw unusable(`${what}: there is too much at the path`);
  return result.stdout;
}

async function stackAt(copy: Copy, commit: string, path: string): Promise<Omit<FetchedSource, 'commit'>> {
  const where = path === '' ? `${commit}^{tree}` : `${commit}:${path}`;
  const type = await copy.read(['cat-file', '-t', where]);
  if (type.exitCode !== 0) throw unusable(`there is no "${path}" in the repository`, { path: 'source.path' });
  const isFolder = TREE.test(type.stdout);
  const parent = isFolder ? path : posix.dirname(path).replace(/^\.$/, '');
  const folder = parent === '' ? `${commit}^{tree}` : `${commit}:${parent}`;
  const listed = await read(copy, ['ls-tree', '-r', '-z', folder], 'the files at the path');
  const tree = stackTree(entriesOf(listed), isFolder ? null : posix.basename(path));
  const wanted: TreeEntry[] = [tree.compose, ...(tree.env ? [tree.env] : []), ...tree.files];
  const objects = wanted.map(({ object }) => `${object}\n`).join('');
  checkSizes(tree, sizesOf(await read(copy, ['cat-file', '--batch-check'], 'the sizes of files', objects)));
  const texts = textsOf(await read(copy, ['cat-file', '--batch'], 'the files', objects), wanted);
  const of = ({ path: file }: TreeEntry): string => texts[file] ?? '';
  return {
    compose: of(tree.compose),
    files: Object.fromEntries(tree.files.map((entry) => [entry.path, of(entry)])),
    env: tree.env ? readEnvFile(of(tree.env)) : {},
    warnings: tree.warnings,
  };
}

/** One after the other for each repository, whose copy has one writer. A server that hangs holds up its own alone. */
function inTurn(): <T>(key: string, work: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return async (key, work) => {
    const before = last.get(key);
    const mine = before ? before.then(work, work) : work();
    last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (last.get(key) === mine) last.delete(key);
    }
  };
}

export function sourceReader(place: GitPlace, credential: OpenCredential): SourceReader {
  const turn = inTurn();

  async function opened(name: string | undefined): Promise<Buffer | null> {
    if (name === undefined) return null;
    const value = await credential(name);
    if (value !== null) return value;
    throw new OverseerError(
      'source-unusable',
      `the credential "${name}" is not to be had: there is no such secret, or this core may not open secrets (mode strict)`,
      { fields: { secret: name } },
    );
  }

  async function fetchChanged(source: GitSource, known: string | null): Promise<FetchedSource | null> {
    const repository = repositoryOf(source.repository);
    const path = stackPath(source.path);
    const value = await opened(source.credential);
    try {
      return await withCredential(repository, value, async (given) => {
        const reached = await reach({ place, repository, credential: given }, source.ref);
        if (reached.ref.commit === known) return null;
        const copy = new Copy(place, source.repository);
        const commit = await copy.bringTo(reached);
        return { commit, ...(await stackAt(copy, commit, path)) };
      });
    } finally {
      value?.fill(0);
    }
  }

  return {
    fetchChanged: (source, known) => turn(source.repository, () => fetchChanged(source, known)),
    async fetch(source) {
      const found = await turn(source.repository, () => fetchChanged(source, null));
      if (!found) throw new OverseerError('internal', 'a source was not fetched');
      return found;
    },
  };
}
