// One connection to the bus: how it logs in, how it comes back, what is said of its state.
import {
  AuthorizationError,
  connect,
  type NatsConnection,
  PermissionViolationError,
  UserAuthenticationExpiredError,
} from '@nats-io/transport-node';
import { OverseerError } from '#subjects/errors.ts';
import { inboxPrefix } from '#subjects/permissions.ts';
import type { Principal } from '#subjects/principals.ts';
import type { BusStatus } from './bus.ts';
import type { CredentialSource } from './credentials.ts';
import { isOurServer } from './server-identity.ts';

export interface ConnectionOptions {
  readonly principal: Principal;
  /** The user's name: a node's id, a reader's name, for all others the principal's. */
  readonly name: string;
  /** `host:port` each. */
  readonly servers: readonly string[];
  /** Certificate of the authority, PEM. */
  readonly ca: string;
  readonly credential: CredentialSource;
}

const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');

/** @throws OverseerError `unauthorized` when the credential is refused, `unavailable` when no server answers */
export async function openConnection(options: ConnectionOptions): Promise<NatsConnection> {
  const { principal, name, servers, ca, credential } = options;
  try {
    return await connect({
      name,
      servers: [...servers],
      tls: { ca, handshakeFirst: true, checkServerIdentity: isOurServer } as { ca: string; handshakeFirst: boolean },
      authenticator: (nonce) => ({
        jwt: credential.jwt(),
        sig: base64url(credential.sign(Buffer.from(nonce ?? ''))),
      }),
      inboxPrefix: inboxPrefix(principal, name),
      // A refused credential may be renewed meanwhile; the default is to give up after the second refusal.
      ignoreAuthErrorAbort: true,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 500,
      reconnectJitter: 2_000,
      reconnectJitterTLS: 2_000,
      timeout: 20_000,
      pingInterval: 20_000,
      maxPingOut: 2,
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const isRefused = error instanceof AuthorizationError || error instanceof UserAuthenticationExpiredError;
    throw new OverseerError(isRefused ? 'unauthorized' : 'unavailable', `${servers.join(', ')}: ${reason}`, {
      cause: error,
    });
  }
}

function statusOf(error: Error): BusStatus | null {
  if (error instanceof PermissionViolationError) {
    return { type: 'refused', subject: error.subject, operation: error.operation };
  }
  if (error instanceof AuthorizationError || error instanceof UserAuthenticationExpiredError) {
    return { type: 'unauthorized', reason: error.message };
  }
  return null;
}

/** Tells every change until the connection is closed for good. */
export async function watchConnection(nc: NatsConnection, tell: (status: BusStatus) => void): Promise<void> {
  void nc.closed().then((error) => tell({ type: 'closed', reason: error ? error.message : 'closed' }));
  for await (const status of nc.status()) {
    switch (status.type) {
      case 'disconnect':
        tell({ type: 'disconnected' });
        break;
      case 'reconnect':
        tell({ type: 'reconnected' });
        break;
      case 'error': {
        const found = statusOf(status.error);
        if (found) tell(found);
        break;
      }
      default:
    }
  }
}
