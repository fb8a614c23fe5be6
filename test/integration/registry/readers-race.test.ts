// Readers made and removed at the same moment: nobody is left with a credential or a durable that should not be.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { newId } from '#infra/ids.ts';
import { createLogger } from '#infra/logger.ts';
import { connectClaims } from '#infra/nats/claims.ts';
import { decodeJwt } from '#infra/nats/jwt.ts';
import { withProvisioner } from '#infra/nats/provision.ts';
import { makeReaderDurable, removeReaderDurable } from '#infra/nats/readers.ts';
import { vault } from '#infra/nats/vault.ts';
import { openAuthority } from '#services/registry/authority.ts';
import type { ReaderDurables, RegistryParts } from '#services/registry/parts.ts';
import { clearReaders, createReader, removeReader } from '#services/registry/readers.ts';
import { openRevoker, type Revoker } from '#services/registry/revoker.ts';
import { until } from '#test/harness/until.ts';
import { operator, type RegistryCore, startRegistryCore } from './core.ts';
import { newStranger } from './stranger.ts';

const LONG_MS = 60_000;
const log = createLogger('test', 'silent');
let core: RegistryCore;
let revoker: Revoker;
before(async () => {
  core = await startRegistryCore();
  // Only what is called here works.
  await core.stopRegistry();
  const { data, servers } = core.nats;
  const connect = () => connectClaims({ data, servers, ca: readFileSync(vault(data).ca, 'utf8'), log });
  revoker = openRevoker({ database: core.database, log, connect, now: () => new Date() });
});
after(async () => {
  await revoker?.stop();
  await core?.stop();
});

const access = () => core.nats;
const real: ReaderDurables = {
  make: (durable) => makeReaderDurable(access(), durable),
  remove: (durable) => removeReaderDurable(access(), durable),
};
const partsWith = (durables: ReaderDurables, own: Pick<Revoker, 'revokeKeys'> = revoker): RegistryParts =>
  ({
    ...{ database: core.database, authority: openAuthority(core.nats.data), durables, log, newId },
    revoker: { ...revoker, ...own },
    now: () => new Date(),
  }) as unknown as RegistryParts;
const specOf = (name: string, publicKey = newStranger().publicKey) => ({ name, role: 'events' as const, publicKey });
const infoOf = (name: string) =>
  withProvisioner(core.nats, async ({ consumers }) => consumers.info('EVENTS', `r-${name}`).catch(() => null));

test('one that is removed while it is made gets no credential, and nothing of it is left', async () => {
  const [inMake, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const slow: ReaderDurables = {
    ...real,
    async make(durable) {
      inMake.resolve();
      await go.promise;
      await real.make(durable);
    },
  };
  const creating = createReader(partsWith(slow), operator(), specOf('brief'));
  const refused = assert.rejects(creating, { code: 'conflict' });
  await inMake.promise;
  const removing = removeReader(partsWith(real), operator(), 'brief');
  const isMarked = () =>
    core.database.read((em) => em.execute(`select 1 from readers where name = 'brief' and removed_at is not null`));
  await until(async () => (await isMarked()).length === 1, LONG_MS, 'the removal to be begun');
  go.resolve();
  await Promise.all([refused, removing]);
  assert.equal(await infoOf('brief'), null);
});

test('a credential is dated as its reader is: its revocation voids it, whenever it is handed out', async () => {
  const spec = specOf('dated');
  const first = await createReader(partsWith(real), operator(), spec);
  const later = { ...partsWith(real), now: () => new Date(Date.now() + 3600_000) };
  const again = await createReader(later, operator(), spec);
  const made = Math.floor(Date.parse(first.createdAt) / 1000);
  assert.deepEqual([decodeJwt(first.jwt)?.iat, decodeJwt(again.jwt)?.iat], [made, made]);
  await removeReader(partsWith(real), operator(), 'dated');
});

test('a removal that was ended by another does not touch the next of this name', async () => {
  const [inRevoke, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await createReader(partsWith(real), operator(), specOf('heir'));
  const removal = removeReader(
    partsWith(real, {
      async revokeKeys() {
        throw new Error('the bus is away');
      },
    }),
    operator(),
    'heir',
  );
  await assert.rejects(removal, /the bus is away/);
  // The list is read by both before either of them clears.
  let reads = 0;
  const database = {
    ...core.database,
    async read(work: never) {
      const rows = await core.database.read(work);
      reads += 1;
      inRevoke.resolve();
      await go.promise;
      return rows;
    },
  };
  const late = clearReaders({ ...partsWith(real), database } as RegistryParts);
  await inRevoke.promise;
  await removeReader(partsWith(real), operator(), 'heir');
  await createReader(partsWith(real), operator(), specOf('heir'));
  go.resolve();
  await late;
  assert.equal(reads, 1);
  assert.ok(await infoOf('heir'), 'the durable of the next one');
  await removeReader(partsWith(real), operator(), 'heir');
});

test('a durable with other filters is made again; the same one is left where it is', async () => {
  const durable = { name: 'r-filtered', stream: 'EVENTS' } as const;
  const subjectsOf = (info: Awaited<ReturnType<typeof infoOf>>) => info?.config.filter_subjects;
  await real.make({ ...durable, subjects: ['overseer.event.node.*.registered'] });
  const first = await infoOf('filtered');
  await real.make({ ...durable, subjects: ['overseer.event.node.*.registered'] });
  const same = await infoOf('filtered');
  assert.equal(same?.created, first?.created);
  await real.make({ ...durable, subjects: ['overseer.event.node.*.updated', 'overseer.event.node.*.removed'] });
  const other = await infoOf('filtered');
  assert.deepEqual(subjectsOf(other), ['overseer.event.node.*.updated', 'overseer.event.node.*.removed']);
  assert.notEqual(other?.created, first?.created);
  await real.remove(durable);
});
