// Pure: what a registry asks for when it answers 401 (RFC 9110, section 11.6.1).

export interface Challenge {
  readonly scheme: 'bearer' | 'basic';
  readonly parameters: Readonly<Record<string, string>>;
}

const PARAMETER = /([a-zA-Z][\w-]*)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g;

/** Null when it asks for something else. */
export function challengeOf(header: string | undefined): Challenge | null {
  const [, scheme, rest = ''] = /^\s*(bearer|basic)(?:\s+([\s\S]*))?$/i.exec(header?.slice(0, 4096) ?? '') ?? [];
  if (scheme === undefined) return null;
  const parameters = [...rest.matchAll(PARAMETER)].map(([, name = '', quoted, bare]): [string, string] => [
    name.toLowerCase(),
    quoted?.replace(/\\(.)/g, '$1') ?? bare ?? '',
  ]);
  return { scheme: scheme.toLowerCase() as Challenge['scheme'], parameters: Object.fromEntries(parameters) };
}

/** Where a token is asked for; null when the challenge names no place for it. */
export function tokenUrl({ parameters }: Challenge, repository: string): URL | null {
  const { realm, service, scope } = parameters;
  if (realm === undefined || !URL.canParse(realm)) return null;
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set('service', service);
  url.searchParams.set('scope', scope ?? `repository:${repository}:pull`);
  return url;
}

/** Seconds of `Retry-After`; null when it is no number. Dates are rounded up to a minute. */
export function retryAfter(header: string | undefined): number | null {
  if (header === undefined) return null;
  const seconds = Number(header.trim());
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(Math.ceil(seconds), 86_400) : 60;
}
