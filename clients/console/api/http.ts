// One request to the gateway. The session is a cookie that scripts can't read; failures are thrown as problems.
import { problemFrom } from '#clients/sdk/problem.ts';
import { noteServerTime } from '../parts/clock.ts';
import { unreachable } from './problem.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export async function call<Answer>(
  method: Method,
  path: string,
  options: { body?: unknown; headers?: Readonly<Record<string, string>>; signal?: AbortSignal | undefined } = {},
): Promise<Answer> {
  const response = await fetch(`/api${path}`, {
    method,
    credentials: 'same-origin',
    headers: { ...(options.body === undefined ? {} : { 'content-type': 'application/json' }), ...options.headers },
    body: options.body === undefined ? null : JSON.stringify(options.body),
    signal: options.signal ?? null,
  }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw unreachable(error);
  });
  noteServerTime(response.headers.get('date'));
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) throw problemFrom(response, body);
  return body as Answer;
}

/** A path with each part escaped. */
export function path(...parts: string[]): string {
  return `/${parts.map(encodeURIComponent).join('/')}`;
}
