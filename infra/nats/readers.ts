// Durables of readers in STORE. Each is made and removed with a credential that bears the reader's own name, lives for
// minutes and may do just that: no credential that is needed at run time could touch another durable or a stream.
import type { ConsumerConfig } from '@nats-io/jetstream';
import { JetStreamApiError } from '@nats-io/jetstream';
import { CONSUMER_NOT_FOUND, type StoreAccess, withStore } from './provision.ts';
import { durableConfig } from './stream-config.ts';

/** A reader that is away for longer is asked for nothing any more; events are kept for seven days. */
const INACTIVE = 30 * 24 * 3600 * 1_000_000_000;
/** Unacknowledged messages and waiting pulls: a reader holds this much of the server's memory at most. */
const MAX_ACK_PENDING = 100;
const MAX_WAITING = 8;
const ACK_WAIT = 30_000_000_000;
/** It is there with other settings: what is left of another, or of another version. */
const CONSUMER_EXISTS = 10148;

export interface ReaderDurable {
  /** `r-...`: of the user and of its durable. */
  readonly name: string;
  readonly stream: 'EVENTS' | 'AUDIT';
}

/**
 * Nothing happens when it is there. One with other settings is made again: it may hold back what this one is owed, and to
 * be told twice is better than never. `subjects`: all that it is owed.
 */
export async function makeReaderDurable(
  access: StoreAccess,
  { name, stream, subjects }: ReaderDurable & { readonly subjects: readonly string[] },
): Promise<void> {
  const limits = { max_ack_pending: MAX_ACK_PENDING, max_waiting: MAX_WAITING, ack_wait: ACK_WAIT };
  const config = { ...durableConfig({ name, filters: subjects }), ...limits, inactive_threshold: INACTIVE };
  await withStore(access, { principal: 'reader-provisioner', name }, async ({ consumers }) => {
    try {
      await consumers.add(stream, config as Partial<ConsumerConfig>);
    } catch (error) {
      if (!(error instanceof JetStreamApiError && error.code === CONSUMER_EXISTS)) throw error;
      await consumers.delete(stream, name);
      await consumers.add(stream, config as Partial<ConsumerConfig>);
    }
  });
}

/** Nothing happens when there is none. */
export async function removeReaderDurable(access: StoreAccess, { name, stream }: ReaderDurable): Promise<void> {
  await withStore(access, { principal: 'reader-provisioner', name }, async ({ consumers }) => {
    try {
      await consumers.delete(stream, name);
    } catch (error) {
      if (!(error instanceof JetStreamApiError && error.code === CONSUMER_NOT_FOUND)) throw error;
    }
  });
}
