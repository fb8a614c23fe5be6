// Anti-entropy towards JetStream: what the stream lost is published again from PostgreSQL, the same bytes under the same
// generation, so that no agent touches anything.
import type { Bus } from '#infra/nats/bus.ts';
import type { Database } from '#infra/postgres/orm.ts';
import { enqueueState } from '#infra/postgres/outbox.ts';
import { documentHeads, nodesBehind, payloadOf } from './store/documents.ts';

const AT_ONCE = 16;
/** A document younger than this is still on its way. */
const ON_ITS_WAY_MS = 10_000;

async function enqueueCurrent(database: Database, node: string): Promise<void> {
  await database.transaction(async (em) => {
    const current = await payloadOf(em, node);
    if (!current) return;
    await enqueueState(em, { service: 'scheduler', message: 'desired', parameters: { node }, ...current });
  });
}

async function isLost(bus: Bus, node: string, generation: number): Promise<boolean> {
  const stored = await bus.read('desired', { node });
  return stored === null || (stored.generation ?? 0) < generation;
}

/** Looks at the stream for each of these nodes. @returns those whose document was put into the outbox again */
export async function republishLost(database: Database, bus: Bus, nodes?: readonly string[]): Promise<string[]> {
  const waiting = (await documentHeads(database.em(), nodes)).map(({ node, generation }) => ({ node, generation }));
  const lost: string[] = [];
  const work = async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (!(await isLost(bus, next.node, next.generation))) continue;
      await enqueueCurrent(database, next.node);
      lost.push(next.node);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return lost.sort();
}

/** Of the nodes that have not told of their current document. */
export async function republishBehind(database: Database, bus: Bus, now: Date): Promise<string[]> {
  const behind = await nodesBehind(database.em(), new Date(now.getTime() - ON_ITS_WAY_MS));
  return behind.length === 0 ? [] : republishLost(database, bus, behind);
}

/** Every current document, whatever the stream holds. @returns how many */
export async function rebuildDesired(database: Database): Promise<number> {
  const heads = await documentHeads(database.em());
  for (const { node } of heads) await enqueueCurrent(database, node);
  return heads.length;
}
