// One try to deliver one message: asked once, redirects are not followed, and no answer is read for more than its status.
import { ask } from '#infra/outbound/ask.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { NotificationKind } from '#subjects/schema/notification.ts';
import { type Address, requestFor } from './request.ts';
import type { Outcome } from './store/deliveries.ts';
import type { Message } from './words.ts';

export const ANSWER_MS = 10_000;
const ANSWER_MAX_BYTES = 64 * 1024;

export interface Sent extends Outcome {
  /** Seconds that the target asked for. */
  readonly retryAfter: number | null;
}

function secondsOf(header: string | undefined): number | null {
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) : null;
}

/** An error's own words without what is sealed: messages of the system name hosts, never paths. */
function reasonOf(error: unknown): string {
  if (error instanceof OverseerError) return error.message;
  const { code } = error as NodeJS.ErrnoException;
  return code ? `the connection failed: ${code}` : 'the connection failed';
}

export async function send(
  kind: NotificationKind,
  address: Address,
  what: { readonly id: string; readonly message: Message; readonly now: Date },
  signal: AbortSignal,
): Promise<Sent> {
  try {
    const { url, headers, body } = requestFor(kind, address, what);
    const options = {
      method: 'POST',
      timeoutMs: ANSWER_MS,
      maxBytes: ANSWER_MAX_BYTES,
      headers,
      body,
      signal,
    } as const;
    const { status, headers: answered } = await ask(url, options);
    const isTaken = status >= 200 && status < 300;
    const isRedirect = status >= 300 && status < 400;
    const error = isTaken ? null : `it answered ${status}${isRedirect ? '; redirects are not followed' : ''}`;
    return { status, error, retryAfter: secondsOf(answered['retry-after']) };
  } catch (error) {
    return { status: null, error: reasonOf(error), retryAfter: null };
  }
}
