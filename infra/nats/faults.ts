// Failures of the client library as errors of the closed list. Known by class and code, never by text.
import { JetStreamApiError, JetStreamError } from '@nats-io/jetstream';
import {
  ClosedConnectionError,
  ConnectionError,
  DrainingConnectionError,
  InvalidArgumentError,
  NoRespondersError,
  PermissionViolationError,
  RequestError,
  TimeoutError,
} from '@nats-io/transport-node';
import { type ErrorCode, OverseerError } from '#subjects/errors.ts';

const API_CODES: Readonly<Record<number, ErrorCode>> = {
  /** This sender's own cap of waiting messages. */
  10077: 'rate-limited',
  /** Too much waits to be written, whoever sent it. */
  10167: 'rate-limited',
  10071: 'conflict',
  10164: 'conflict',
  10054: 'too-large',
};

function codeOf(error: unknown): ErrorCode {
  const cause = error instanceof Error ? error.cause : undefined;
  if (error instanceof JetStreamApiError) return API_CODES[error.code] ?? 'unavailable';
  if (error instanceof PermissionViolationError || cause instanceof PermissionViolationError) return 'forbidden';
  if (error instanceof NoRespondersError || cause instanceof NoRespondersError) return 'unavailable';
  if (error instanceof TimeoutError || cause instanceof TimeoutError) return 'timeout';
  if (error instanceof InvalidArgumentError) return 'too-large';
  const isUnavailable = [
    RequestError,
    JetStreamError,
    ConnectionError,
    ClosedConnectionError,
    DrainingConnectionError,
  ].some((kind) => error instanceof kind);
  // A stream that is not there is told as "JetStream is not enabled", whose class is not exported.
  return isUnavailable || cause instanceof RequestError ? 'unavailable' : 'internal';
}

export function busFault(error: unknown, what: string): OverseerError {
  if (error instanceof OverseerError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new OverseerError(codeOf(error), `${what}: ${reason}`, { cause: error });
}
