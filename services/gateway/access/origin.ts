// Does a browser's request come from our own pages? A cookie alone proves no intent: other sites can have it sent. Pure.

export interface BrowserHeaders {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
  readonly 'sec-fetch-site'?: string | string[] | undefined;
}

export function isSameOrigin(headers: BrowserHeaders): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  if (headers.origin === undefined || headers.host === undefined || !URL.canParse(headers.origin)) return false;
  return new URL(headers.origin).host === headers.host.toLowerCase();
}

/** Scripts send neither; every browser of today sends at least one with what is not a GET. */
export function isBrowser(headers: BrowserHeaders): boolean {
  return headers.origin !== undefined || headers['sec-fetch-site'] !== undefined;
}
