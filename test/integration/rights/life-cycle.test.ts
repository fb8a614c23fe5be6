// Credentials through their life on a real server: revoked, expired, renewed, named badly.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { newId } from '#infra/ids.ts';
import { createLogger } from '#infra/logger.ts';
import type { Bus, BusStatus } from '#infra/nats/bus.ts';
import { type AccountClaims, connectClaims } from '#infra/nats/claims.ts';
import { credentialOf, newUserKey } from '#infra/nats/credentials.ts';
import { encodeJwt } from '#infra/nats/jwt.ts';
import { keyFromSeed } from '#infra/nats/keys.ts';
import { readAccounts, readSeed, vault, writeAccounts } from '#infra/nats/vault.ts';
import { OverseerError } from '#subjects/errors.ts';
import { startTestBus, type TestBus } from '#test/harness/nats.ts';
import { until } from '#test/harness/until.ts';
import { B, open } from './stage.ts';
import { Wire } from './wire.ts';

let bus: TestBus;
let claims: AccountClaims;
before(async () => {
  bus = await startTestBus();
  claims = await connectClaims({ ...bus, log: createLogger('test', 'silent') });
});
after(async () => {
  await claims.close();
  await bus.stop();
});

function statuses(connected: Bus): BusStatus['type'][] {
  const seen: BusStatus['type'][] = [];
  connected.onStatus(({ type }) => seen.push(type));
  return seen;
}

const isRefused = (error: unknown) => error instanceof OverseerError && error.code === 'unauthorized';

test('revoking cuts the live connection within a second, keeps it out, and disturbs nobody else', async () => {
  const id = newId();
  const credential = bus.mintNode(id);
  const seen = statuses(await bus.connect('node', id, credential));
  const neighbours = statuses(await bus.connect('node', newId()));
  const began = performance.now();
  await claims.revoke([credential.publicKey]);
  await until(() => seen.includes('disconnected'), 1_000, 'the connection to be cut');
  assert.ok(performance.now() - began < 1_000);
  await assert.rejects(bus.connect('node', id, credential), isRefused);
  await until(() => seen.includes('unauthorized'), 10_000, 'the node to learn why');
  assert.deepEqual(neighbours, ['connected']);
});

test('a revocation holds after a restart of the server; a later credential for the same key is good', async () => {
  const id = newId();
  const { seed, publicKey } = newUserKey();
  const before = bus.mint('node', id, { seed, issuedAt: new Date(Date.now() - 5_000) });
  await claims.revoke([publicKey], new Date(Date.now() - 2_000));
  await bus.restart();
  await assert.rejects(bus.connect('node', id, before), isRefused);
  await bus.connect('node', id, bus.mint('node', id, { seed }));
});

test('an expired credential is refused, a live connection ends with it, and comes back with the renewed one', async () => {
  const id = newId();
  await assert.rejects(
    bus.connect('node', id, bus.mint('node', id, { expiresAt: new Date(Date.now() - 1_000) })),
    isRefused,
  );
  const { seed } = newUserKey();
  let current = bus.mint('node', id, { seed, expiresAt: new Date(Date.now() + 2_500) });
  const connected = await bus.connect('node', id, { jwt: () => current.jwt(), sign: (nonce) => current.sign(nonce) });
  const seen = statuses(connected);
  current = bus.mint('node', id, { seed });
  await until(() => seen.includes('disconnected'), 5_000, 'the old life to end');
  await until(() => seen.includes('reconnected'), 10_000, 'the node to come back');
  assert.equal(await connected.read('desired', { node: id }), null);
});

test('a renewed credential is taken by a planned reconnect', async () => {
  const id = newId();
  let asked = 0;
  const credential = bus.mintNode(id);
  const counting = {
    jwt() {
      asked += 1;
      return credential.jwt();
    },
    sign: credential.sign,
  };
  const connected = await bus.connect('node', id, counting);
  const seen = statuses(connected);
  await connected.reconnect();
  await until(() => seen.includes('reconnected'), 10_000, 'the reconnect');
  assert.equal(asked, 2);
});

function unsafeUser(name: string) {
  const files = vault(bus.data);
  const { seed, publicKey } = newUserKey();
  const account = readAccounts(files)?.accounts.FLEET.id ?? '';
  const nats = { type: 'user', version: 2, issuer_account: account } as const;
  const iat = Math.floor(Date.now() / 1000);
  const jwt = encodeJwt({ sub: publicKey, name, iat, nats }, keyFromSeed(readSeed(files.scopedSeed('node'))));
  return { jwt, seed };
}

test('control: a name that minting refuses really hears others', async () => {
  const { jwt, seed } = unsafeUser('*');
  const spy = await Wire.open(bus.servers[0] as string, bus.ca, credentialOf(jwt, seed));
  spy.subscribe('overseer.push.*');
  await spy.settled();
  const scheduler = await open(bus, { principal: 'scheduler', name: 'scheduler' });
  scheduler.publish(`overseer.desired.${B}`, { payload: 'secret' });
  await until(() => spy.heard.length > 0, 5_000, 'the spy to hear');
  for (const name of ['*', '>', 'a.b', 'a.>', '']) {
    assert.throws(
      () => bus.mint('node', name),
      (e) => e instanceof OverseerError && e.code === 'invalid-name',
    );
  }
  spy.close();
  scheduler.close();
});

test('a user signed by the identity key of an account is refused', async () => {
  const files = vault(bus.data);
  const { seed, publicKey } = newUserKey();
  const account = readAccounts(files)?.accounts.FLEET.id ?? '';
  const nats = { type: 'user', version: 2, issuer_account: account } as const;
  const jwt = encodeJwt(
    { sub: publicKey, name: newId(), iat: 1, nats },
    keyFromSeed(readSeed(files.accountSeed('FLEET'))),
  );
  await assert.rejects(Wire.open(bus.servers[0] as string, bus.ca, credentialOf(jwt, seed)), /Authorization Violation/);
});

test('an account in which nobody can log in is put back', async () => {
  const files = vault(bus.data);
  const good = readAccounts(files);
  assert.ok(good);
  // As after a botched rotation: the probe's signing key is no longer the one that the account names.
  const { seed: stolen } = keyFromSeed(readSeed(files.accountSeed('LOGS')));
  const kept = readSeed(files.scopedSeed('node'));
  writeFileSync(files.scopedSeed('node'), stolen);
  try {
    await assert.rejects(claims.revoke([newUserKey().publicKey]), /put back/);
  } finally {
    writeFileSync(files.scopedSeed('node'), kept);
  }
  assert.deepEqual(readAccounts(files), good);
  await bus.connect('node', newId());
  writeAccounts(files, good);
});

test('pushing every account as the contract yields it leaves everybody able to log in', async () => {
  await claims.push(['STORE', 'FLEET', 'REGISTRY', 'SCHEDULER', 'LOGS', 'AUDIT', 'GATEWAY', 'READERS', 'SYS']);
  await bus.provision();
});

test('a refused compare-and-set write never reaches the push; the accepted one does', async () => {
  const id = newId();
  const node = await bus.connect('node', id);
  const scheduler = await bus.connect('scheduler');
  const pushed: string[] = [];
  node.watch('desired', { node: id }, (payload) => pushed.push(Buffer.from(payload).toString()));
  await node.flush();
  const put = (text: string, expectedSequence: number, generation: number) =>
    scheduler.put('desired', { node: id }, Buffer.from(text), { expectedSequence, generation });
  const first = await put('one', 0, 1);
  for (let i = 0; i < 5; i++) {
    await assert.rejects(put('stale', 0, 9), (e) => e instanceof OverseerError && e.code === 'conflict');
  }
  await put('two', first, 2);
  await until(() => pushed.includes('two'), 5_000, 'the accepted write to be pushed');
  assert.deepEqual(pushed, ['one', 'two']);
  assert.equal((await node.read('desired', { node: id }))?.generation, 2);
});
