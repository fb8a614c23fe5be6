// Which partitions a checkpoint may vouch for: those whose records since the last one are what this service made. Else a
// record that somebody put into the database would be signed with all the others, and handed to every node as genuine.
import { NOTHING_BEFORE, type Seal } from '#infra/audit/chain.ts';
import type { Head } from '#infra/audit/checkpoint.ts';
import { examiner } from '#infra/audit/examine.ts';
import type { EntityManager } from '#infra/postgres/orm.ts';
import type { AuditFault } from '#subjects/schema/audit-verification.ts';
import { headsOf } from './store/checkpoints.ts';
import { rowsAfter } from './store/rows.ts';

const PAGE = 1_000;

async function faultIn(em: EntityManager, head: Head, seal: Seal): Promise<AuditFault | null> {
  const { partition, before, number } = head;
  const [sealed] = before === 0 ? [] : await headsOf(em, partition, before - 1, 1);
  const after = { number: before, hash: sealed?.hash ?? NOTHING_BEFORE };
  const examined = examiner({ partition, after, heads: [head], seal });
  for (let done = before; done < number; done = examined.last.number) {
    const rows = await rowsAfter(em, partition, done, Math.min(PAGE, number - done));
    for (const row of rows) {
      const fault = examined.take(row);
      if (fault !== null) return fault;
    }
    if (rows.length === 0) break;
  }
  return examined.end();
}

/** @param heads of what has grown since the last checkpoint */
export async function sealable(
  em: EntityManager,
  heads: readonly Head[],
  seal: Seal,
): Promise<{ good: Head[]; faults: AuditFault[] }> {
  const good: Head[] = [];
  const faults: AuditFault[] = [];
  for (const head of heads) {
    const fault = await faultIn(em, head, seal);
    if (fault === null) good.push(head);
    else faults.push(fault);
  }
  return { good, faults };
}
