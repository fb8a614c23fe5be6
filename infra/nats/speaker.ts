// What every part of the bus shares: the connection, who speaks on it, and where faults are told.
import type { NatsConnection } from '@nats-io/transport-node';
import type { Logger } from '#infra/logger.ts';
import { contract, type MessageName } from '#subjects/contract.ts';
import type { Entry } from '#subjects/define.ts';
import type { Principal } from '#subjects/principals.ts';
import { patternOf } from '#subjects/subject.ts';
import type { Stoppable } from './bus.ts';
import type { Link } from './link.ts';
import type { Rejected } from './messages.ts';

export interface Speaker {
  readonly nc: NatsConnection;
  readonly link: Link;
  readonly principal: Principal;
  readonly name: string;
  readonly log: Logger;
  readonly rejected: Rejected;
}

export function entryOf<K extends Entry['kind']>(name: MessageName, kind: K): Extract<Entry, { kind: K }> {
  const entry: Entry = contract[name];
  if (entry.kind !== kind) throw new TypeError(`${name} is no ${kind}`);
  return entry as Extract<Entry, { kind: K }>;
}

/** The pattern a principal listens on: the parameters in `own` fixed, checked as tokens by the caller's rights. */
export function listened(template: string, own: Readonly<Record<string, string>>): string {
  return patternOf(template, own);
}

/** Work in flight, so that stopping can wait for it. */
export class InFlight {
  readonly #running = new Set<Promise<void>>();

  add(work: Promise<void>): void {
    const tracked = work.finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
  }

  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }
}

/** A subscription whose callback sees messages only; a refused one is told by the connection's status. */
export function subscribed(
  { nc }: Speaker,
  subject: string,
  queue: string | undefined,
  handle: (message: Parameters<NonNullable<Parameters<NatsConnection['subscribe']>[1]>['callback'] & {}>[1]) => void,
  settled: () => Promise<void> = async () => {},
): Stoppable {
  const subscription = nc.subscribe(subject, {
    ...(queue === undefined ? {} : { queue }),
    callback: (error, message) => {
      if (!error) handle(message);
    },
  });
  return {
    async stop() {
      if (!nc.isClosed()) subscription.unsubscribe();
      await settled();
    },
  };
}
