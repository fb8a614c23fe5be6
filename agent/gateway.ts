// The two calls an agent makes over HTTP: to enroll, and for a credential when its own one has ended.
import type * as z from 'zod/mini';
import { isErrorCode, OverseerError } from '#subjects/errors.ts';
import { Credential, type Reauthentication, type Registration, RegistrationAnswer } from '#subjects/schema/node.ts';

const DEADLINE_MS = 20_000;
/** An answer that is larger comes from something else. */
const LONGEST_ANSWER = 256 * 1024;

async function post<S extends z.ZodMiniType>(url: string, path: string, body: object, answer: S): Promise<z.infer<S>> {
  const address = new URL(path, url.endsWith('/') ? url : `${url}/`);
  let response: Response;
  let text: string;
  try {
    response = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      // A redirect would hand the token to somebody else.
      redirect: 'error',
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    text = await response.text();
  } catch (error) {
    throw new OverseerError('unavailable', `${address.origin} does not answer: ${reasonOf(error)}`, { cause: error });
  }
  const content = text.length > LONGEST_ANSWER ? null : readJson(text);
  if (!response.ok) throw problem(address, response.status, content);
  const parsed = answer.safeParse(content);
  if (!parsed.success) throw new OverseerError('internal', `${address.href} answered what no gateway would`);
  return parsed.data;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || error.message : error.message;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function problem(address: URL, status: number, content: unknown): OverseerError {
  const { code, detail } = (typeof content === 'object' && content !== null ? content : {}) as Record<string, unknown>;
  if (typeof code === 'string' && isErrorCode(code)) {
    return new OverseerError(code, typeof detail === 'string' ? detail : code);
  }
  return new OverseerError('unavailable', `${address.href} answered ${status} without a code`);
}

export function register(url: string, registration: Registration): Promise<RegistrationAnswer> {
  return post(url, 'api/nodes/register', registration, RegistrationAnswer);
}

export function reauthenticate(url: string, proof: Reauthentication): Promise<Credential> {
  return post(url, `api/nodes/${proof.node}/credential`, proof, Credential);
}
