// The server of an all-in-one core over its life: first start, second start, upgrade, changed addresses, leftovers.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { newId } from '#infra/ids.ts';
import { createLogger } from '#infra/logger.ts';
import { decodeJwt, encodeJwt, type SignedClaims } from '#infra/nats/jwt.ts';
import { keyFromSeed } from '#infra/nats/keys.ts';
import { prepareServer, startServer, stopLeftover } from '#infra/nats/server.ts';
import { assertWritesThrough } from '#infra/nats/server-readiness.ts';
import { readAccounts, readSeed, vault, writeAccounts } from '#infra/nats/vault.ts';
import { isAlive } from '#infra/process/group.ts';
import { startTestBus } from '#test/harness/nats.ts';
import { freePort } from '#test/harness/ports.ts';
import { until } from '#test/harness/until.ts';

const folders: string[] = [];
function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'overseer-server-'));
  folders.push(made);
  return made;
}
after(() => {
  for (const made of folders) rmSync(made, { recursive: true, force: true });
});

test('a first start makes secrets that only their owner reads; a second changes none of them', async () => {
  const data = folder();
  const options = { host: '127.0.0.1', port: 4222 };
  await prepareServer(data, options);
  const files = vault(data);
  const secrets = [
    files.operatorSeed,
    files.operatorSigningSeed,
    files.accountSeed('FLEET'),
    files.scopedSeed('node'),
    files.credential('registry'),
    files.caKey,
    files.certificateKey,
    files.accounts,
    files.certificate,
  ];
  for (const file of secrets) assert.equal(statSync(file).mode & 0o777, 0o600, file);
  const before = secrets.map((file) => readFileSync(file, 'utf8'));
  await prepareServer(data, options);
  assert.deepEqual(
    secrets.map((file) => readFileSync(file, 'utf8')),
    before,
  );
  assert.ok(!readFileSync(files.config, 'utf8').match(/S[OAU][A-Z2-7]{56}/), 'no seed in the configuration');
});

test('a new address is in the certificate after the next start; the authority stays', async () => {
  const data = folder();
  const files = vault(data);
  const { ca } = await prepareServer(data, { host: '127.0.0.1', port: 4222 });
  const names = () => new X509Certificate(readFileSync(files.certificate)).subjectAltName ?? '';
  assert.match(names(), /DNS:localhost/);
  assert.match(names(), /IP Address:127\.0\.0\.1/);
  const again = await prepareServer(data, { host: '127.0.0.1', port: 4222, advertise: ['core.example', '192.0.2.7'] });
  assert.match(names(), /DNS:core\.example/);
  assert.match(names(), /IP Address:192\.0\.2\.7/);
  assert.equal(again.ca, ca);
});

test('a JWT of an older contract is made anew at the next start, with the revocations of all that was heard', async () => {
  const bus = await startTestBus();
  try {
    const files = vault(bus.data);
    const accounts = readAccounts(files);
    assert.ok(accounts);
    const id = newId();
    const revoked = bus.mint('node', id, { issuedAt: new Date(Date.now() - 10_000) });
    const { jwt } = accounts.accounts.FLEET;
    const old = structuredClone(decodeJwt(jwt)) as SignedClaims & { nats: Record<string, unknown> };
    const until = Math.floor(Date.now() / 1000) - 1;
    old.nats['imports'] = (old.nats['imports'] as unknown[]).slice(1);
    old.nats['revocations'] = { [revoked.publicKey]: until };
    const signer = keyFromSeed(readSeed(files.operatorSigningSeed));
    const oldJwt = encodeJwt(old, signer);
    await bus.kill();
    // What the server heard, but the file of accounts has not: ended between the two writes.
    const oldest = structuredClone(old);
    delete (oldest.nats as Record<string, unknown>)['revocations'];
    writeAccounts(files, {
      ...accounts,
      accounts: { ...accounts.accounts, FLEET: { ...accounts.accounts.FLEET, jwt: encodeJwt(oldest, signer) } },
    });
    writeFileSync(join(files.resolver, `${accounts.accounts.FLEET.id}.jwt`), oldJwt);
    await bus.restart();
    const repaired = decodeJwt(readAccounts(files)?.accounts.FLEET.jwt ?? '')?.nats;
    assert.deepEqual(repaired?.['imports'], decodeJwt(jwt)?.nats['imports']);
    assert.deepEqual(repaired?.['revocations'], { [revoked.publicKey]: until });
    await assert.rejects(bus.connect('node', id, revoked));
    const other = newId();
    const node = await bus.connect('node', other);
    assert.equal(await node.read('desired', { node: other }), null);
  } finally {
    await bus.stop();
  }
});

test('the server is watched: killed, it comes back on the same port; stopped, it is gone', async () => {
  const data = folder();
  const port = await freePort();
  const server = await startServer({ data, host: '127.0.0.1', port, log: createLogger('test', 'silent') });
  const first = server.child.pid as number;
  process.kill(first, 'SIGKILL');
  await until(() => server.child.pid !== null && server.child.pid !== first, 10_000, 'a new server');
  await until(() => assertWritesThrough(data).then(() => true), 10_000, 'the new server to answer');
  const second = server.child.pid as number;
  await server.stop();
  assert.ok(!isAlive(second));
});

test('a server that outlived its core is ended before the next, a stranger with its number is not', async () => {
  const bus = await startTestBus();
  try {
    const { pid } = bus;
    await stopLeftover(bus.data);
    await until(() => !isAlive(pid), 5_000, 'the server to be gone');
    writeFileSync(vault(bus.data).pid, String(process.pid));
    await stopLeftover(bus.data);
    assert.ok(isAlive(process.pid));
  } finally {
    await bus.stop();
  }
});

test('control: a server without write-through is refused', async () => {
  const bus = await startTestBus(async (data, options) => {
    const prepared = await prepareServer(data, options);
    const text = readFileSync(prepared.configFile, 'utf8');
    writeFileSync(prepared.configFile, text.replace('sync_interval: always', 'sync_interval: "2m"'));
    return prepared;
  });
  try {
    await assert.rejects(assertWritesThrough(bus.data), /does not write acknowledged messages through/);
  } finally {
    await bus.stop();
  }
});
