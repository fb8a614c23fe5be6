// What the gateway's routes stand on, and what a route may say about itself.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Health } from '#infra/health.ts';
import type { Logger } from '#infra/logger.ts';
import type { Bus } from '#infra/nats/bus.ts';
import type { Actor } from '#subjects/schema/actor.ts';
import type { Access } from './access/tokens.ts';
import type { Addresses } from './addresses.ts';
import type { LiveStream } from './live/stream.ts';

export interface GatewayParts {
  readonly bus: Bus;
  readonly log: Logger;
  readonly version: string;
  readonly access: Access;
  readonly addresses: Addresses;
  /** Certificate of the bus's authority, PEM; agents check its fingerprint. */
  readonly ca: () => string;
  readonly health: Health;
  readonly events: LiveStream;
  /** Built console; its folder may not be there. */
  readonly consoleRoot: string;
  /** `/metrics` in Prometheus' text format. */
  readonly metrics: () => Promise<string>;
}

export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse<IncomingMessage>,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** Of a call that changes something: how its refusal stands in the audit. */
export interface Audited {
  readonly action: string;
  readonly object: (params: Readonly<Record<string, string>>) => string;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Needs no token. All others do. */
    public?: true;
    audit?: Audited;
  }
  interface FastifyRequest {
    actor: Actor | null;
  }
}

declare module '@fastify/secure-session' {
  interface SessionData {
    /** Of the admin token that opened the session. */
    mark: string;
  }
}
