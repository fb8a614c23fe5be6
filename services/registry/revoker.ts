// Revocation: voids the credentials of nodes that were removed, and cuts their connections. What the server has not
// confirmed is tried again, after a restart too, since PostgreSQL knows it.
import type { Logger } from '#infra/logger.ts';
import type { AccountClaims, Revocable } from '#infra/nats/claims.ts';
import type { Database } from '#infra/postgres/orm.ts';
import { markRevoked, unrevokedKeys } from './store/nodes.ts';

/** Twice the life of a credential: older ones are void by themselves. */
const LOOK_BACK_MS = 2 * 24 * 3600_000;

export interface RevokedNode {
  readonly id: string;
  readonly publicKey: string;
}

export interface Revoker {
  revoke(nodes: readonly RevokedNode[]): Promise<void>;
  /** Whoever they belong to. */
  revokeKeys(keys: readonly string[], account: Revocable): Promise<void>;
  /** All that still matter: the server's own list may be older than PostgreSQL. */
  revokeAll(): Promise<void>;
  /** Those that the server never confirmed. */
  revokeUnconfirmed(): Promise<void>;
  stop(): Promise<void>;
}

interface Parts {
  readonly database: Database;
  readonly log: Logger;
  connect(): Promise<AccountClaims>;
  now(): Date;
}

export function openRevoker({ database, log, connect, now }: Parts): Revoker {
  let claims: Promise<AccountClaims> | null = null;

  async function connected(): Promise<AccountClaims> {
    claims ??= connect();
    return claims;
  }

  async function disconnect(): Promise<void> {
    const open = claims;
    claims = null;
    if (open) await open.then((opened) => opened.close()).catch(() => {});
  }

  async function revokeKeys(keys: readonly string[], account: Revocable): Promise<void> {
    if (keys.length === 0) return;
    try {
      await (await connected()).revoke(keys, now(), account);
    } catch (error) {
      log.warn({ err: error }, 'a revocation was not taken, trying with a new connection');
      await disconnect();
      await (await connected()).revoke(keys, now(), account);
    }
  }

  async function revoke(nodes: readonly RevokedNode[]): Promise<void> {
    if (nodes.length === 0) return;
    await revokeKeys(
      nodes.map(({ publicKey }) => publicKey),
      'FLEET',
    );
    const ids = nodes.map(({ id }) => id);
    await database.transaction((em) => markRevoked(em, ids, now()));
  }

  const revokeSince = async (since: Date) => revoke(await database.read((em) => unrevokedKeys(em, since)));

  return {
    revoke,
    revokeKeys,
    revokeAll: () => revokeSince(new Date(now().getTime() - LOOK_BACK_MS)),
    revokeUnconfirmed: () => revokeSince(now()),
    stop: disconnect,
  };
}
