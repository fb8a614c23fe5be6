// Hears every message of every account of a running system, as somebody would who holds the accounts' own keys: what is
// captured is what a broken server could see.

import { readFileSync } from 'node:fs';
import type { NatsConnection, Subscription } from '@nats-io/transport-node';
import { openConnection } from '#infra/nats/connection.ts';
import { type CredentialSource, credentialOf, loadCredential } from '#infra/nats/credentials.ts';
import { decodeJwt, encodeJwt } from '#infra/nats/jwt.ts';
import { keyFromSeed, newKey } from '#infra/nats/keys.ts';
import { readAccounts, readSeed, vault } from '#infra/nats/vault.ts';
import { template } from '#subjects/permissions.ts';
import { ACCOUNTS, type Account, type Principal } from '#subjects/principals.ts';
import { streamMessages } from './streams.ts';
import type { System } from './system.ts';
import { unpacked } from './unpacked.ts';

type Tapped = Pick<System, 'data' | 'natsPort'>;

export interface BusTap {
  /** Subjects, headers and payloads so far, compressed parts unpacked. */
  readonly captured: readonly string[];
  /** What the streams of all accounts hold now, as text. */
  stored(): Promise<string[]>;
  stop(): Promise<void>;
}

/** The account as it is, with one signing key more, which lends its users every right. */
async function openUp(system: Tapped, account: Account): Promise<CredentialSource> {
  const files = vault(system.data);
  const stored = readAccounts(files)?.accounts[account];
  const claims = decodeJwt(stored?.jwt ?? '');
  if (!stored || !claims) throw new Error(`no account ${account}`);
  const key = newKey('account');
  const keys = [...((claims.nats['signing_keys'] as unknown[] | undefined) ?? []), key.publicKey];
  const iat = Math.floor(Date.now() / 1000);
  const signer = keyFromSeed(readSeed(files.operatorSigningSeed));
  const jwt = encodeJwt({ sub: stored.id, name: account, iat, nats: { ...claims.nats, signing_keys: keys } }, signer);
  const nc = await connection(system, 'claims', loadCredential(files.credential('claims')));
  const answer = await nc.request(template('claims').pub[0] as string, jwt);
  const { data } = answer.json<{ data?: { code: number } }>();
  await nc.close();
  if (data?.code !== 200) throw new Error(`account ${account} was not opened up: ${answer.string()}`);
  const user = newKey('user');
  const rights = { pub: { allow: ['>'] }, sub: { allow: ['>'] }, subs: -1, data: -1, payload: -1 };
  const nats = { type: 'user', version: 2, issuer_account: stored.id, ...rights } as const;
  return credentialOf(encodeJwt({ sub: user.publicKey, name: 'tap', iat, nats }, key), user.seed);
}

function connection(system: Tapped, principal: Principal, credential: CredentialSource): Promise<NatsConnection> {
  const servers = [`127.0.0.1:${system.natsPort}`];
  const ca = readFileSync(vault(system.data).ca, 'utf8');
  return openConnection({ principal, name: principal, servers, ca, credential });
}

export async function tapBus(system: Tapped): Promise<BusTap> {
  const captured: string[] = [];
  const connections: NatsConnection[] = [];
  const listen = async (subscription: Subscription) => {
    for await (const { subject, data, headers } of subscription) {
      captured.push(`${subject} ${headers?.toString() ?? ''} ${unpacked(data)}`);
    }
  };
  for (const account of ACCOUNTS.filter((name) => name !== 'SYS')) {
    const nc = await connection(system, 'gateway', await openUp(system, account));
    connections.push(nc);
    void listen(nc.subscribe('>'));
    await nc.flush();
  }
  return {
    captured,
    stored: () => streamMessages(connections),
    async stop() {
      await Promise.all(connections.map((nc) => nc.close()));
    },
  };
}
