// Anti-entropy towards JetStream: what the stream lost is published again from PostgreSQL, the same bytes under the same
// generation, so that no agent touches anything. Where the stream is ahead of PostgreSQL (this was restored from a backup,
// or somebody else wrote there), the document is issued anew above it, or nothing of ours would ever be taken again.
import type { Bus, StoredState } from '#infra/nats/bus.ts';
import type { Database } from '#infra/postgres/orm.ts';
import { enqueueState } from '#infra/postgres/outbox.ts';
import { documentHash } from '#infra/signing/document.ts';
import { type Issuer, issueDocuments } from './issuer.ts';
import { documentHeads, nodesBehind, payloadOf, raiseAbove } from './store/documents.ts';
import { lockPlacement } from './store/rows.ts';

const AT_ONCE = 16;
/** A document younger than this is still on its way. */
const ON_ITS_WAY_MS = 10_000;

interface Head {
  readonly generation: number;
  readonly hash: string;
}

export type Standing = 'kept' | 'lost' | 'ahead';

/** What the stream holds against what PostgreSQL says it should. */
export function standingOf(stored: Pick<StoredState, 'generation' | 'payload'> | null, head: Head): Standing {
  if (stored === null || stored.generation === null || stored.generation < head.generation) return 'lost';
  if (stored.generation > head.generation) return 'ahead';
  return documentHash(stored.payload) === head.hash ? 'kept' : 'lost';
}

async function enqueueCurrent(database: Database, node: string): Promise<void> {
  await database.transaction(async (em) => {
    const current = await payloadOf(em, node);
    if (!current) return;
    await enqueueState(em, { service: 'scheduler', message: 'desired', parameters: { node }, ...current });
  });
}

async function issueAbove(database: Database, issuer: Issuer, node: string, stored: number): Promise<boolean> {
  return database.transaction(async (em) => {
    await lockPlacement(em);
    // Read after the stream: what a relay wrote meanwhile was committed here before.
    if (!(await raiseAbove(em, node, stored))) return false;
    await issueDocuments(em, issuer, [], [node]);
    return true;
  });
}

/** Looks at the stream for each of these nodes. @returns those whose document was put into the outbox again */
export async function republishLost(
  database: Database,
  bus: Bus,
  issuer: Issuer,
  nodes?: readonly string[],
): Promise<string[]> {
  const waiting = (await documentHeads(database.em(), nodes)).map(({ node, generation, hash }) => ({
    node,
    head: { generation, hash },
  }));
  const mended: string[] = [];
  async function mend(node: string, head: Head): Promise<boolean> {
    const stored = await bus.read('desired', { node });
    const standing = standingOf(stored, head);
    if (standing === 'ahead') return issueAbove(database, issuer, node, stored?.generation ?? 0);
    if (standing === 'lost') await enqueueCurrent(database, node);
    return standing === 'lost';
  }
  const work = async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (await mend(next.node, next.head)) mended.push(next.node);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return mended.sort();
}

/** Of the nodes that have not told of their current document. */
export async function republishBehind(database: Database, bus: Bus, issuer: Issuer): Promise<string[]> {
  const behind = await nodesBehind(database.em(), new Date(issuer.now().getTime() - ON_ITS_WAY_MS));
  return behind.length === 0 ? [] : republishLost(database, bus, issuer, behind);
}

/** Every current document, whatever the stream holds. @returns how many */
export async function rebuildDesired(database: Database): Promise<number> {
  const heads = await documentHeads(database.em());
  for (const { node } of heads) await enqueueCurrent(database, node);
  return heads.length;
}
