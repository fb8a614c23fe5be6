// Copies of repositories, one folder an address and commit, without history. A copy is made whole under another name and
// then gets its own, so that none is ever half there, and none is taken from under whoever reads it: several schedulers may
// share the folder. Older ones go once nobody can be reading them.
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { allowedAddresses, ask } from '#infra/outbound/ask.ts';
import { OverseerError } from '#subjects/errors.ts';
import { COMPOSE_MAX_BYTES, FILES_MAX_BYTES } from '#subjects/limits.ts';
import type { GivenCredential } from './credential.ts';
import { type GitCall, type GitPlace, git, gitError } from './git.ts';
import { type FoundRef, foundRef, isCommit, type Repository, refNames, repositoryOf } from './repository.ts';

const ASK_MS = 60_000;
const FETCH_MS = 5 * 60_000;
const LOCAL_MS = 30_000;
/** Longer than any look at a copy, or any fetch into one, takes. */
const UNREAD_MS = 15 * 60_000;
const REDIRECTS = 3;
/** Larger files are of no use to a stack, so they are not even fetched where the server can leave them out. */
const LARGEST = Math.max(COMPOSE_MAX_BYTES, FILES_MAX_BYTES);
const KEPT_REF = 'refs/overseer/kept';
/** No remote, no filter: what was left out is missing, and nobody goes to fetch it. */
const PLAIN_CONFIG = '[core]\n\trepositoryformatversion = 0\n\tbare = true\n';

export interface Origin {
  readonly place: GitPlace;
  readonly repository: Repository;
  readonly credential: GivenCredential;
}

export interface ReachedOrigin extends Origin {
  readonly addresses: readonly string[];
  readonly ref: FoundRef;
}

function isProxied({ scheme }: Repository): boolean {
  const names = scheme === 'http' ? ['http_proxy'] : scheme === 'https' ? ['https_proxy', 'HTTPS_PROXY'] : [];
  return names.some((name) => (process.env[name] ?? '') !== '');
}

async function addressesOf(repository: Repository): Promise<string[]> {
  try {
    return await allowedAddresses(repository.host);
  } catch (error) {
    const isUnresolved = error instanceof OverseerError && error.cause !== undefined;
    if (isUnresolved && isProxied(repository)) return [];
    throw error;
  }
}

/** Where a server sends us; null when it does not. @throws OverseerError `source-unusable` for where nobody may go */
async function redirected(repository: Repository, signal: AbortSignal): Promise<Repository | null> {
  const query = '/info/refs?service=git-upload-pack';
  const asked = `${repository.url.replace(/\/+$/, '')}${query}`;
  const { status, headers } = await ask(new URL(asked), { headers: { 'git-protocol': 'version=2' }, signal });
  const location = headers.location;
  if (status < 300 || status >= 400 || location === undefined) return null;
  const target = new URL(location, asked).href;
  if (!target.endsWith(query)) throw new OverseerError('source-unusable', 'the server redirects to no git repository');
  const found = repositoryOf(target.slice(0, -query.length));
  if (repository.scheme === 'https' && found.scheme !== 'https') {
    throw new OverseerError('source-unusable', 'the server redirects from https to what is not encrypted');
  }
  return found;
}

function isRedirect(stderr: string): boolean {
  return /returned error: 30\d|redirect/i.test(stderr);
}

/** A credential is for the host that it was given for. */
function goesOn({ repository, credential }: Origin, to: Repository): GivenCredential {
  const isSame = repository.scheme === to.scheme && repository.host === to.host && repository.port === to.port;
  return isSame ? credential : { file: null, redact: credential.redact };
}

/** Asks what the ref is now. @throws OverseerError `source-unusable` */
export async function reach(origin: Origin, ref: string, hops = 0): Promise<ReachedOrigin> {
  const { place, repository, credential } = origin;
  const addresses = await addressesOf(repository);
  const names = refNames(ref).flatMap((name) => (name === 'HEAD' ? [name] : [name, `${name}^{}`]));
  const args = ['ls-remote', '--quiet', '--', repository.url, ...names];
  const result = await git({ place, args, timeoutMs: ASK_MS, remote: { repository, credential, addresses } });
  if (result.exitCode === 0) {
    const found = foundRef(result.stdout, ref);
    if (found) return { ...origin, addresses, ref: found };
    throw new OverseerError('source-unusable', `the repository has no branch or tag "${ref}"`);
  }
  if (hops < REDIRECTS && repository.scheme.startsWith('http') && isRedirect(result.stderr)) {
    const next = await redirected(repository, place.signal);
    if (next) return reach({ place, repository: next, credential: goesOn(origin, next) }, ref, hops + 1);
  }
  throw gitError('the repository does not answer as it should', result, credential.redact);
}

export class Copy {
  readonly #place: GitPlace;
  /** Without the commit. */
  readonly #name: string;
  #folder: string;

  constructor(place: GitPlace, url: string) {
    this.#place = place;
    this.#name = createHash('sha256').update(url).digest('hex');
    this.#folder = join(place.folder, this.#name);
  }

  #folderOf(commit: string): string {
    return join(this.#place.folder, `${this.#name}-${commit}`);
  }

  /** A call that reaches no network. */
  read(args: readonly string[], more: Partial<Pick<GitCall, 'input' | 'keep'>> = {}) {
    return this.#local(this.#folder, args, more);
  }

  #local(folder: string, args: readonly string[], more: Partial<Pick<GitCall, 'input' | 'keep'>> = {}) {
    return git({ place: this.#place, args: [`--git-dir=${folder}`, ...args], timeoutMs: LOCAL_MS, ...more });
  }

  async #commitIn(folder: string): Promise<string | null> {
    const { exitCode, stdout } = await this.#local(folder, [
      'rev-parse',
      '--verify',
      '--quiet',
      `${KEPT_REF}^{commit}`,
    ]);
    return exitCode === 0 ? stdout.trim() : null;
  }

  /** @returns the commit it holds now. @throws OverseerError `source-unusable` */
  async bringTo({ repository, credential, addresses, ref }: ReachedOrigin): Promise<string> {
    this.#folder = this.#folderOf(ref.commit);
    if ((await this.#commitIn(this.#folder)) === ref.commit) return ref.commit;
    await mkdir(this.#place.folder, { recursive: true, mode: 0o700 });
    const fresh = await mkdtemp(join(this.#place.folder, `${this.#name}.`));
    try {
      const made = await this.#local(fresh, ['init', '--quiet', '--bare', '--template=', '--', fresh]);
      if (made.exitCode !== 0) throw gitError('no room for a copy', made, credential.redact);
      const kept = isCommit(ref.name) ? ref.commit : ref.name;
      const options = ['--quiet', '--depth=1', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head'];
      const args = [
        'fetch',
        ...options,
        `--filter=blob:limit=${LARGEST}`,
        '--',
        repository.url,
        `+${kept}:${KEPT_REF}`,
      ];
      const remote = { repository, credential, addresses };
      const fetched = await git({
        place: this.#place,
        args: [`--git-dir=${fresh}`, ...args],
        timeoutMs: FETCH_MS,
        remote,
      });
      if (fetched.exitCode !== 0) throw gitError(`${ref.name} can't be fetched`, fetched, credential.redact);
      await writeFile(join(fresh, 'config'), PLAIN_CONFIG);
      // The ref may have moved since it was asked for: what came is what counts.
      const commit = await this.#commitIn(fresh);
      if (commit === null) throw new OverseerError('source-unusable', `"${ref.name}" is no commit`);
      this.#folder = this.#folderOf(commit);
      await this.#settle(fresh, commit);
      await this.#clear();
      return commit;
    } finally {
      await rm(fresh, { recursive: true, force: true });
    }
  }

  /** Somebody else may have made it meanwhile; what is there and holds no commit was damaged. */
  async #settle(fresh: string, commit: string): Promise<void> {
    try {
      await rename(fresh, this.#folder);
    } catch (error) {
      if ((await this.#commitIn(this.#folder)) === commit) return;
      await rm(this.#folder, { recursive: true, force: true });
      await rename(fresh, this.#folder).catch(() => {
        throw error;
      });
    }
  }

  async #clear(): Promise<void> {
    const present = basename(this.#folder);
    const others = (await readdir(this.#place.folder)).filter(
      (name) => name.startsWith(this.#name) && name !== present,
    );
    for (const name of others) {
      const folder = join(this.#place.folder, name);
      const changedAt = (await stat(folder).catch(() => null))?.mtimeMs ?? Date.now();
      if (Date.now() - changedAt > UNREAD_MS) await rm(folder, { recursive: true, force: true });
    }
  }
}
