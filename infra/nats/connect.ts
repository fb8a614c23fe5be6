// The bus over NATS: one connection of one principal, put together from its parts.
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '#infra/logger.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { Principal } from '#subjects/principals.ts';
import type { Bus, BusStatus } from './bus.ts';
import { openConnection, watchConnection } from './connection.ts';
import { consumer } from './consumer.ts';
import type { CredentialSource } from './credentials.ts';
import { emitter } from './events.ts';
import { listener, teller } from './feeds.ts';
import { Link } from './link.ts';
import { follower, historian } from './live.ts';
import { type Rejected, rejections } from './messages.ts';
import { requester, server } from './requests.ts';
import type { Speaker } from './speaker.ts';
import { putter, reader, watcher } from './states.ts';

export type { CredentialSource } from './credentials.ts';

export interface BusOptions {
  readonly principal: Principal;
  /** A node's id or a reader's name; the principal's own otherwise. */
  readonly name?: string;
  /** `host:port` each. */
  readonly servers: readonly string[];
  /** Certificate of the authority, PEM. */
  readonly ca: string;
  readonly credential: CredentialSource;
  readonly log: Logger;
  readonly metrics?: { readonly onRejected?: Rejected };
  /** Keep trying until a server takes us; otherwise the first failure is thrown. Once connected it always comes back. */
  readonly waitForServer?: boolean;
}

const RETRY_MS = 500;

/** @throws OverseerError `unauthorized` or `unavailable` when the first attempt fails and nobody waits */
export async function connectBus(options: BusOptions): Promise<Bus> {
  const { principal, name = principal, servers, ca, credential, log, waitForServer = principal !== 'node' } = options;
  const attempt = () => openConnection({ principal, name, servers, ca, credential });
  let nc = await attempt().catch((error: unknown) => {
    if (!waitForServer) throw error;
    return null;
  });
  for (let failures = 1; nc === null; failures++) {
    if (failures % 20 === 1) log.info({ servers }, 'waiting for a server of the bus');
    await pause(RETRY_MS);
    nc = await attempt().catch((error: unknown) => {
      if (error instanceof OverseerError && error.code === 'unauthorized') log.warn(error.message);
      return null;
    });
  }
  const connection = nc;
  const link = new Link();
  const speaker: Speaker = {
    nc: connection,
    link,
    principal,
    name,
    log,
    rejected: rejections(log, options.metrics?.onRejected),
  };

  const watchers: ((status: BusStatus) => void)[] = [];
  void watchConnection(connection, (status) => {
    if (status.type === 'reconnected') link.restored();
    if (status.type === 'disconnected' || status.type === 'closed') link.lost();
    if (status.type === 'refused') log.warn(status, 'the server refused a subject');
    for (const watch of watchers) watch(status);
  });

  return {
    request: requester(speaker),
    serve: server(speaker),
    tell: teller(speaker),
    listen: listener(speaker),
    emit: emitter(speaker),
    consume: consumer(speaker),
    put: putter(speaker),
    read: reader(speaker),
    watch: watcher(speaker),
    follow: follower(speaker),
    history: historian(speaker),
    onStatus(handle) {
      watchers.push(handle);
      if (link.isConnected) queueMicrotask(() => handle({ type: 'connected' }));
    },
    get isConnected() {
      return link.isConnected;
    },
    flush: () => connection.flush(),
    reconnect: () => connection.reconnect(),
    close: () => connection.close(),
  };
}
