// Makes a checkpoint of what is new, every minute or thousand records, keeps it and hands it to every node. The last one
// lies beside the database as well, so that a database of another day is found out even where no node is.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonical } from '#infra/audit/chain.ts';
import { checkpointHash, rootOf, signCheckpoint } from '#infra/audit/checkpoint.ts';
import type { Logger } from '#infra/logger.ts';
import { writeSecret } from '#infra/nats/vault.ts';
import type { Database, EntityManager } from '#infra/postgres/orm.ts';
import type { AuditFault } from '#subjects/schema/audit-verification.ts';
import { type Checkpoint, SignedCheckpoint } from '#subjects/schema/checkpoint.ts';
import { sealable } from './sealable.ts';
import type { AuditSigner } from './signer.ts';
import { addCheckpoint, checkpointHashes, grownHeads, newestCheckpoint } from './store/checkpoints.ts';

const EVERY_MS = 60_000;
const AFTER_RECORDS = 1_000;
/** Nodes that were away hear of the newest by then, though nothing new was recorded. */
const TOLD_AGAIN_MS = 5 * 60_000;
const ZEROS = '0'.repeat(64);

interface Parts {
  readonly database: Database;
  readonly signer: AuditSigner;
  readonly log: Pick<Logger, 'warn'>;
  /** The core's data folder. */
  readonly data: string;
  tell(signed: SignedCheckpoint): void;
  /** The database does not hold the last one that was made: it is another day's, or was rewritten. */
  onFork(own: SignedCheckpoint): void;
  /** Of a partition that is signed no more. Once for each. */
  onFault(fault: AuditFault): void;
  now(): Date;
}

export interface Checkpoints {
  appended(count: number): void;
  /** Of all that is kept now; null when there is nothing new. */
  make(): Promise<SignedCheckpoint | null>;
  /** The last one that this core made, whatever the database says now. */
  own(): SignedCheckpoint | null;
  stop(): Promise<void>;
}

/** In one transaction. */
export async function makeCheckpoint(
  em: EntityManager,
  { signer, now }: Pick<Parts, 'signer' | 'now'>,
  onFault: (fault: AuditFault) => void = () => {},
): Promise<SignedCheckpoint | null> {
  const { good: heads, faults } = await sealable(em, await grownHeads(em), signer.seal);
  faults.forEach(onFault);
  if (heads.length === 0) return null;
  const last = (await newestCheckpoint(em))?.checkpoint ?? null;
  const grown = heads.reduce((sum, { before, number }) => sum + number - before, 0);
  const checkpoint: Checkpoint = {
    kind: 'checkpoint',
    number: (last?.number ?? 0) + 1,
    at: now().toISOString(),
    previous: last === null ? ZEROS : checkpointHash(last),
    root: rootOf(heads),
    partitions: heads.length,
    records: (last?.records ?? 0) + grown,
  };
  const signed = signCheckpoint(checkpoint, signer.key);
  await addCheckpoint(em, signed, { hash: checkpointHash(checkpoint), body: canonical(checkpoint), heads });
  return signed;
}

async function isKept(em: EntityManager, { checkpoint }: SignedCheckpoint): Promise<boolean> {
  const hashes = await checkpointHashes(em, [checkpoint.number]);
  return hashes.get(checkpoint.number) === checkpointHash(checkpoint);
}

export function readOwn(file: string): SignedCheckpoint | null {
  try {
    return SignedCheckpoint.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

export function startCheckpoints(parts: Parts): Checkpoints {
  const { database, log, tell } = parts;
  const file = join(parts.data, 'audit-checkpoint.json');
  let own = readOwn(file);
  let isForked = false;
  const faulty = new Set<string>();
  let pending = 0;
  let turn: Promise<unknown> = Promise.resolve();
  let toldAt = Number.NEGATIVE_INFINITY;

  function onFault(fault: AuditFault): void {
    if (faulty.has(fault.partition)) return;
    faulty.add(fault.partition);
    parts.onFault(fault);
  }

  async function make(): Promise<SignedCheckpoint | null> {
    pending = 0;
    const isKnown = own === null || (await database.read((em) => isKept(em, own as SignedCheckpoint)));
    if (!isKnown && !isForked) parts.onFork(own as SignedCheckpoint);
    isForked = !isKnown;
    const signed = await database.transaction((em) => makeCheckpoint(em, parts, onFault));
    // While the database is not the one it was, what proves that stays.
    if (signed !== null && isKnown) {
      own = signed;
      writeSecret(file, `${JSON.stringify(signed)}\n`);
    }
    const newest =
      signed ?? (performance.now() - toldAt < TOLD_AGAIN_MS ? null : await database.read(newestCheckpoint));
    if (newest !== null) {
      tell(newest);
      toldAt = performance.now();
    }
    return signed;
  }

  function inTurn(): Promise<SignedCheckpoint | null> {
    const made = turn.then(make);
    turn = made.catch((error: unknown) => log.warn({ err: error }, 'no checkpoint could be made, trying again'));
    return made;
  }

  const attempt = () => void inTurn().catch(() => {});
  const timer = setInterval(attempt, EVERY_MS);
  attempt();
  return {
    appended(count) {
      pending += count;
      if (pending >= AFTER_RECORDS) attempt();
    },
    make: inTurn,
    own: () => own,
    async stop() {
      clearInterval(timer);
      await turn;
    },
  };
}
