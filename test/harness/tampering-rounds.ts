// Many tamperings at random places, many at a time: each in a partition of its own, of which verification names the first
// bad record.
import assert from 'node:assert/strict';
import { createLogger } from '#infra/logger.ts';
import { openDatabase } from '#infra/postgres/orm.ts';
import { newSigningKey } from '#infra/signing/ed25519.ts';
import { signerOf } from '#services/audit/signer.ts';
import { auditEntities, DATABASE_ROLE } from '#services/audit/store/entities.ts';
import { TAMPERINGS, type TamperedRow, type Tampering } from './audit-tampering.ts';
import { asOwner, keepCopy, makeTrail, partitionName, putBack, type Trail, verifyTrail } from './audit-trail.ts';
import { testDatabase } from './postgres.ts';

interface Size {
  readonly partitions: number;
  /** Records of each partition. */
  readonly each: number;
  readonly tamperings: number;
  /** Tampered with at a time; the others must stay without fault. */
  readonly atOnce: number;
  readonly seed: number;
}

/** mulberry32: the seed of a failure is printed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export async function tamperingRounds({
  partitions,
  each,
  tamperings,
  atOnce,
  seed,
}: Size): Promise<Map<string, number>> {
  const log = createLogger('test', 'silent');
  const server = await testDatabase();
  const owner = await openDatabase({ url: server.url, entities: auditEntities, log });
  const database = await openDatabase({ url: server.url, entities: auditEntities, log, role: DATABASE_ROLE });
  const trail: Trail = { database, signer: signerOf(newSigningKey()) };
  const next = random(seed);
  const below = (count: number) => Math.floor(next() * count);
  const found = new Map<string, number>();
  try {
    await makeTrail(trail, partitions, each);
    const clean = await verifyTrail(trail);
    assert.deepEqual(clean.faults, [], 'control: nothing is wrong before');
    assert.equal(clean.records, partitions * each);
    await keepCopy(owner);
    for (let done = 0; done < tamperings; done += atOnce) {
      const chosen = new Map<string, { tampering: Tampering; k: number }>();
      while (chosen.size < Math.min(atOnce, tamperings - done)) {
        const tampering = TAMPERINGS[(done + chosen.size) % TAMPERINGS.length] as Tampering;
        const partition = partitionName(below(partitions));
        if (!chosen.has(partition)) chosen.set(partition, { tampering, k: 1 + below(each - 1) });
      }
      await asOwner(owner, async (em) => {
        for (const [partition, { tampering, k }] of chosen) {
          const rows = await em.execute<{ number: string; hash: Buffer; body: string }[]>(
            'select number, hash, body from audit_chain where partition = ? and number between ? and ?',
            [partition, k - 1, k + 1],
          );
          const around = rows.map((row): TamperedRow => ({ ...row, number: Number(row.number) }));
          await tampering.act(em, partition, k, around);
        }
      });
      const { faults } = await verifyTrail(trail);
      const named = new Map(faults.map((fault) => [fault.partition, fault]));
      assert.equal(faults.length, chosen.size, `seed ${seed}: one fault for each, and none elsewhere`);
      for (const [partition, { tampering, k }] of chosen) {
        const fault = named.get(partition);
        const what = `seed ${seed}: ${tampering.name} at ${partition} ${k}: ${JSON.stringify(fault)}`;
        assert.equal(fault?.number, k, what);
        assert.ok(fault && tampering.kinds.includes(fault.kind), what);
        found.set(tampering.name, (found.get(tampering.name) ?? 0) + 1);
      }
      await putBack(owner, [...chosen.keys()]);
    }
    assert.deepEqual((await verifyTrail(trail)).faults, [], 'control: put back, nothing is wrong');
    return found;
  } finally {
    await database.close();
    await owner.close();
    await server.drop();
  }
}
