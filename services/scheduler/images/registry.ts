// Asks registries what a tag stands for now, by the OCI distribution protocol. Only manifests are asked for, never layers.
import { createHash } from 'node:crypto';
import { type Answer, ask } from '#infra/outbound/ask.ts';
import { OverseerError } from '#subjects/errors.ts';
import { loginOf, redaction } from '../sources/credential.ts';
import { challengeOf, retryAfter, tokenUrl } from './challenge.ts';
import { DIGEST, type ImageReference, isInsecure, registryHost } from './reference.ts';

export interface Registries {
  /** @throws RegistryFault, also when `until` was aborted */
  digestOf(image: ImageReference, credential: Buffer | null, until?: AbortSignal): Promise<string>;
}

/** Why a registry did not say. */
export class RegistryFault extends Error {
  /** When to ask again at the soonest; null: as usual. */
  readonly retrySeconds: number | null;

  constructor(message: string, retrySeconds: number | null = null, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.name = 'RegistryFault';
    this.retrySeconds = retrySeconds;
  }
}

const ACCEPT = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');
const REDIRECTS = 3;
const MANIFEST_MAX_BYTES = 4 * 1024 * 1024;
const TOKEN_MAX_BYTES = 256 * 1024;
const BUSY_SECONDS = 600;

interface Asking {
  readonly image: ImageReference;
  readonly isPlain: boolean;
  readonly credential: Buffer | null;
  readonly signal: AbortSignal;
}

function checkScheme(url: URL, isPlain: boolean): void {
  if (url.protocol === 'https:' || (isPlain && url.protocol === 'http:')) return;
  throw new RegistryFault(`${url.host} is asked over https alone`);
}

/** Follows redirects; what authorizes goes to the first host only. */
async function request(
  url: URL,
  method: 'GET' | 'HEAD',
  authorization: string | null,
  { isPlain, signal }: Asking,
  maxBytes: number,
): Promise<Answer> {
  for (let [at, hops] = [url, 0]; ; hops += 1) {
    checkScheme(at, isPlain);
    const isHome = at.origin === url.origin;
    const headers = { accept: ACCEPT, ...(authorization !== null && isHome ? { authorization } : {}) };
    const answer = await ask(at, { method, headers, maxBytes, signal });
    const { location } = answer.headers;
    if (answer.status < 300 || answer.status >= 400 || location === undefined) return answer;
    if (hops >= REDIRECTS) throw new RegistryFault(`${url.host} redirects too often`);
    at = new URL(location, at);
  }
}

function basic(credential: Buffer): string {
  const { user, password } = loginOf(credential);
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

function checkAnswer(answer: Answer, host: string): void {
  const { status, headers } = answer;
  if (status === 429)
    throw new RegistryFault(`${host} asks for patience (429)`, retryAfter(headers['retry-after']) ?? BUSY_SECONDS);
  if (status >= 500) throw new RegistryFault(`${host} answered ${status}`, retryAfter(headers['retry-after']));
}

/** What goes into `Authorization` for this repository; null when the registry gives none for what we have. */
async function authorization(answer: Answer, asking: Asking, login: Buffer | null): Promise<string | null> {
  const challenge = challengeOf(answer.headers['www-authenticate']);
  if (!challenge) throw new RegistryFault('the registry asks for a way to log in that is not known here');
  if (challenge.scheme === 'basic') return login && basic(login);
  const url = tokenUrl(challenge, asking.image.repository);
  if (!url) throw new RegistryFault('the registry names no place that gives tokens');
  const given = await request(url, 'GET', login && basic(login), asking, TOKEN_MAX_BYTES);
  checkAnswer(given, url.host);
  if (given.status !== 200) return null;
  try {
    const { token, access_token: other } = JSON.parse(given.body.toString('utf8')) as Record<string, unknown>;
    const found = typeof token === 'string' ? token : other;
    if (typeof found === 'string' && /^[\x21-\x7e]+$/.test(found)) return `Bearer ${found}`;
  } catch {}
  throw new RegistryFault(`${url.host} gave no token`);
}

/** Without a login first: only a registry that refuses strangers is shown the credential. */
async function manifest(url: URL, method: 'GET' | 'HEAD', asking: Asking): Promise<Answer> {
  let answer = await request(url, method, null, asking, MANIFEST_MAX_BYTES);
  for (const login of asking.credential === null ? [null] : [null, asking.credential]) {
    if (answer.status !== 401 && answer.status !== 403) break;
    if (answer.headers['www-authenticate'] === undefined && login === null) continue;
    const value = await authorization(answer, asking, login);
    if (value === null) continue;
    const next = await request(url, method, value, asking, MANIFEST_MAX_BYTES);
    // The challenge of the first answer stands for the next try, when this one has none.
    if (next.status !== 401 || next.headers['www-authenticate'] !== undefined) answer = next;
  }
  return answer;
}

async function digestOf(asking: Asking): Promise<string> {
  const { registry, repository, tag } = asking.image;
  const host = registryHost(registry);
  const url = new URL(`${asking.isPlain ? 'http' : 'https'}://${host}/v2/${repository}/manifests/${tag ?? 'latest'}`);
  let answer = await manifest(url, 'HEAD', asking);
  checkAnswer(answer, host);
  const named = answer.headers['docker-content-digest'];
  if (answer.status === 200 && typeof named === 'string' && DIGEST.test(named)) return named;
  // Some registries know no HEAD, or do not name the digest: then it is that of what they send.
  if ([200, 400, 404, 405].includes(answer.status)) answer = await manifest(url, 'GET', asking);
  checkAnswer(answer, host);
  if (answer.status === 200 && answer.body.length > 0) {
    return `sha256:${createHash('sha256').update(answer.body).digest('hex')}`;
  }
  const what = `${repository}:${tag ?? 'latest'}`;
  if (answer.status === 404) throw new RegistryFault(`${host} has no ${what}`);
  if (answer.status === 401 || answer.status === 403) throw new RegistryFault(`${host} does not show ${what} to us`);
  throw new RegistryFault(`${host} answered ${answer.status}`);
}

/** @param insecure registries that are asked without TLS, beside this machine's own */
export function registries(
  insecure: readonly string[],
  signal: AbortSignal = new AbortController().signal,
): Registries {
  return {
    async digestOf(image, credential, until) {
      const redact =
        credential === null
          ? (text: string) => text
          : redaction([credential.toString('utf8'), loginOf(credential).password]);
      try {
        until?.throwIfAborted();
        const either = until === undefined ? signal : AbortSignal.any([signal, until]);
        return await digestOf({ image, isPlain: isInsecure(image.registry, insecure), credential, signal: either });
      } catch (error) {
        signal.throwIfAborted();
        if (until?.aborted) throw new RegistryFault(`${image.registry} did not answer while somebody waited`);
        if (error instanceof RegistryFault) throw new RegistryFault(redact(error.message), error.retrySeconds);
        const why =
          error instanceof OverseerError ? error.message : ((error as NodeJS.ErrnoException).code ?? String(error));
        throw new RegistryFault(redact(`${image.registry} does not answer: ${why}`), null, error);
      }
    },
  };
}
