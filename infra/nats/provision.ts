// Makes the streams and durables of a server equal to the contract, prints what differs, and refuses to do what would
// lose messages. Logs in to STORE with a credential that lives for minutes.

import { setTimeout as pause } from 'node:timers/promises';
import type { ConsumerConfig, StreamConfig } from '@nats-io/jetstream';
import { JetStreamApiError, jetstreamManager, type JetStreamManager as Streams } from '@nats-io/jetstream';
import { OverseerError } from '#subjects/errors.ts';
import { accountOf, type Principal } from '#subjects/principals.ts';
import { type DurablePlan, type StreamPlan, streamPlans } from '#subjects/streams.ts';
import { openConnection } from './connection.ts';
import { credentialOf, mintUser, newUserKey } from './credentials.ts';
import { destructive, differences, durableConfig, streamConfig } from './stream-config.ts';
import { readAccounts, readSeed, vault } from './vault.ts';

const CREDENTIAL_MS = 10 * 60_000;
const STREAM_NOT_FOUND = 10059;
export const CONSUMER_NOT_FOUND = 10014;

export interface ProvisionOptions {
  readonly data: string;
  readonly servers: readonly string[];
  readonly ca: string;
  /** 3 in a cluster. */
  readonly replicas?: number;
  print?(line: string): void;
  /** How long JetStream may take to come up. */
  readonly timeoutMs?: number;
}

export type StoreAccess = Pick<ProvisionOptions, 'data' | 'servers' | 'ca'>;

interface StoreUser {
  readonly principal: Extract<Principal, 'provisioner' | 'reader-provisioner'>;
  readonly name: string;
}

/** @throws OverseerError when the accounts were not prepared in this data folder */
export async function withStore<T>(
  options: StoreAccess,
  { principal, name }: StoreUser,
  work: (streams: Streams) => Promise<T>,
): Promise<T> {
  const files = vault(options.data);
  const accounts = readAccounts(files);
  if (accounts === null)
    throw new OverseerError('unavailable', `no accounts in ${files.root}: prepare the server first`);
  const { seed, publicKey } = newUserKey();
  const jwt = mintUser({
    principal,
    accountId: accounts.accounts[accountOf(principal)].id,
    scopedSeed: readSeed(files.scopedSeed(principal)),
    name,
    publicKey,
    expiresAt: new Date(Date.now() + CREDENTIAL_MS),
  });
  const { servers, ca } = options;
  const nc = await openConnection({ principal, name, servers, ca, credential: credentialOf(jwt, seed) });
  try {
    return await work(await jetstreamManager(nc, { checkAPI: false, timeout: 10_000 }));
  } finally {
    await nc.close();
  }
}

export function withProvisioner<T>(options: StoreAccess, work: (streams: Streams) => Promise<T>): Promise<T> {
  return withStore(options, { principal: 'provisioner', name: 'provisioner' }, work);
}

async function orNull<T>(found: Promise<T>, missing: number): Promise<T | null> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === missing) return null;
    throw error;
  }
}

type Print = (line: string) => void;

async function equalStream(streams: Streams, plan: StreamPlan, replicas: number, print: Print): Promise<void> {
  const wanted = streamConfig(plan, replicas) as Partial<StreamConfig> & { name: string };
  const existing = await orNull(streams.streams.info(plan.name), STREAM_NOT_FOUND);
  if (existing === null) {
    print(`stream ${plan.name}: made`);
    await streams.streams.add(wanted);
    return;
  }
  const found = differences(existing.config as unknown as Record<string, unknown>, wanted);
  const refused = destructive(found);
  if (refused.length > 0) {
    throw new OverseerError('conflict', `stream ${plan.name} can't be changed without loss: ${refused.join('; ')}`);
  }
  for (const { field, has, wants } of found) {
    print(`stream ${plan.name}: ${field} from ${JSON.stringify(has)} to ${JSON.stringify(wants)}`);
  }
  if (found.length > 0) await streams.streams.update(plan.name, wanted);
}

async function equalDurable(streams: Streams, stream: string, plan: DurablePlan, print: Print): Promise<void> {
  const wanted = durableConfig(plan) as Partial<ConsumerConfig>;
  const existing = await orNull(streams.consumers.info(stream, plan.name), CONSUMER_NOT_FOUND);
  if (existing === null) {
    print(`durable ${stream}.${plan.name}: made`);
    await streams.consumers.add(stream, wanted);
    return;
  }
  const { config } = existing;
  const has = { ...config, filter_subjects: config.filter_subjects ?? [config.filter_subject] };
  const found = differences(has as unknown as Record<string, unknown>, wanted);
  for (const { field, has: old, wants } of found) {
    print(`durable ${stream}.${plan.name}: ${field} from ${JSON.stringify(old)} to ${JSON.stringify(wants)}`);
  }
  if (found.length > 0) await streams.consumers.update(stream, plan.name, wanted);
}

async function whenReady(streams: Streams, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      await streams.getAccountInfo();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw new OverseerError('unavailable', 'JetStream does not answer', { cause: error });
      await pause(200);
    }
  }
}

/** @throws OverseerError `conflict` when a change would lose messages; what came before it stands */
export async function provision(options: ProvisionOptions): Promise<void> {
  const { replicas = 1, timeoutMs = 30_000, print = () => {} } = options;
  await withProvisioner(options, async (streams) => {
    await whenReady(streams, timeoutMs);
    for (const plan of streamPlans()) {
      await equalStream(streams, plan, replicas, print);
      for (const durable of plan.durables) await equalDurable(streams, plan.name, durable, print);
    }
  });
}
