// Pure: addresses of git repositories. Only what can be fetched over a network, nothing that git could take for an option,
// a local path or a command.
import { OverseerError } from '#subjects/errors.ts';

export interface Repository {
  readonly url: string;
  readonly scheme: 'http' | 'https' | 'ssh' | 'git';
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  /** Of ssh. */
  readonly user: string | null;
}

const PORTS = { http: 80, https: 443, ssh: 22, git: 9418 } as const;
const SCP = /^(?<user>[a-z_][a-z0-9_.-]*)@(?<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):(?<path>[^\s-][^\s]*)$/i;

/** So plain that git and we can't read it in two ways. */
const PLAIN_URL =
  /^(https?|ssh|git):\/\/(?:[A-Za-z0-9_.-]+@)?(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_][A-Za-z0-9_.-]*)(?::\d{1,5})?(?:\/|$)/i;

function refused(detail: string): OverseerError {
  return new OverseerError('source-unusable', detail, { fields: { path: 'source.repository' } });
}

function parsedUrl(text: string): URL {
  try {
    return new URL(text);
  } catch {
    throw refused('the repository is no URL');
  }
}

/** @throws OverseerError `source-unusable` */
export function repositoryOf(text: string): Repository {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\x00-\x20\x7f\\]/.test(text)) throw refused('the repository must not hold blanks, backslashes or controls');
  const scp = text.includes('://') ? null : SCP.exec(text)?.groups;
  if (scp) {
    const { user = '', host = '' } = scp;
    const bare = host.replace(/^\[|\]$/g, '');
    if (bare.startsWith('-')) throw refused('the host of the repository must not begin with a dash');
    return { url: text, scheme: 'ssh', host: bare, port: PORTS.ssh, user };
  }
  const scheme = /^(https?|ssh|git):\/\//i.exec(text)?.[1]?.toLowerCase() as Repository['scheme'] | undefined;
  if (scheme === undefined) throw refused('the repository must be an https, http, ssh or git URL');
  const url = parsedUrl(text);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (url.password !== '' || (scheme !== 'ssh' && url.username !== '')) {
    throw refused('user and password do not belong into the URL of the repository: name a secret as `credential`');
  }
  if (!PLAIN_URL.test(text)) throw refused('the repository names no plain host');
  if (url.search !== '' || url.hash !== '') throw refused('the URL of the repository must end with its path');
  return {
    url: text,
    scheme,
    host,
    port: url.port === '' ? PORTS[scheme] : Number(url.port),
    user: url.username === '' ? null : url.username,
  };
}

/** Folder or file below the root, '' for the root itself. @throws OverseerError `source-unusable` */
export function stackPath(path: string | undefined): string {
  const parts = (path ?? '').replace(/\/+$/, '').split('/');
  const named = parts.length === 1 && (parts[0] === '' || parts[0] === '.') ? [] : parts;
  if (named.some((part) => part === '' || part === '.' || part === '..' || part.toLowerCase() === '.git')) {
    throw new OverseerError('source-unusable', 'the path must be relative and stay inside the repository', {
      fields: { path: 'source.path' },
    });
  }
  return named.join('/');
}

/** Host and path without what differs between the addresses of one repository. */
export function repositoryPath(text: string): string {
  const path = text.includes('://') ? text.replace(/^[^:]+:\/\/[^/]*\//, '') : text.replace(/^[^:/]+:/, '');
  return path
    .replace(/^\/+|\/+$/g, '')
    .replace(/\.git$/i, '')
    .toLowerCase();
}

const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

export function isCommit(ref: string): boolean {
  return COMMIT.test(ref);
}

/** What `ls-remote` is asked for, in the order in which a name is understood. */
export function refNames(ref: string): string[] {
  if (isCommit(ref) || ref === 'HEAD') return ['HEAD'];
  if (ref.startsWith('refs/')) return [ref];
  return [`refs/heads/${ref}`, `refs/tags/${ref}`];
}

export interface FoundRef {
  readonly name: string;
  readonly commit: string;
}

/** The ref meant, out of what `ls-remote` printed; null when there is none. */
export function foundRef(output: string, ref: string): FoundRef | null {
  const listed = new Map(
    output.split('\n').flatMap((line): [string, string][] => {
      const [commit, name] = line.split('\t');
      return commit !== undefined && name !== undefined && COMMIT.test(commit) ? [[name, commit]] : [];
    }),
  );
  if (isCommit(ref)) return { name: ref, commit: ref };
  for (const name of refNames(ref)) {
    // An annotated tag is an object of its own; what it stands for is listed after it.
    const commit = listed.get(`${name}^{}`) ?? listed.get(name);
    if (commit !== undefined) return { name, commit };
  }
  return null;
}
