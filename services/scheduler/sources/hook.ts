// Pure: what the body of a forge's webhook means for one stack. It may only narrow down: what it says is fetched by us.
import type { GitSource } from '#subjects/schema/source.ts';
import { isCommit, repositoryPath } from './repository.ts';

export type HookMeaning = { readonly look: true } | { readonly look: false; readonly reason: string };

type Json = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parsed(text: string): Json | null {
  const json = text.startsWith('payload=') ? (new URLSearchParams(text).get('payload') ?? '') : text;
  try {
    const value: unknown = JSON.parse(json);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

const ADDRESSES = ['clone_url', 'ssh_url', 'git_url', 'html_url', 'git_http_url', 'git_ssh_url', 'web_url', 'http_url'];

/** Paths of the repository by each address that the forge names. */
function repositories(body: Json): string[] {
  return [body['repository'], body['project']]
    .filter(isRecord)
    .flatMap((one) => ADDRESSES.map((name) => one[name]))
    .filter((address) => typeof address === 'string')
    .map(repositoryPath);
}

/** A body that says nothing known is a reason to look; only one that clearly speaks of something else is not. */
export function hookMeaning(text: string, source: GitSource): HookMeaning {
  const body = parsed(text);
  if (body === null) return { look: true };
  if ('zen' in body && !('ref' in body)) return { look: false, reason: 'a ping: the webhook works' };
  const named = repositories(body);
  const own = repositoryPath(source.repository);
  // Hosts may differ: a forge has names inside and outside of its network.
  if (named.length > 0 && !named.some((path) => path === own || path.endsWith(`/${own}`) || own.endsWith(`/${path}`))) {
    return { look: false, reason: 'the push was to another repository' };
  }
  const { ref } = body;
  if (typeof ref !== 'string' || isCommit(source.ref) || source.ref === 'HEAD') return { look: true };
  const wanted = [source.ref, `refs/heads/${source.ref}`, `refs/tags/${source.ref}`];
  if (wanted.includes(ref)) return { look: true };
  return { look: false, reason: `the push was to another ref than ${source.ref}` };
}
