// What an agent keeps about its own spool and what it says of its reading, seen from outside.
import { DatabaseSync } from 'node:sqlite';
import type { EnrolledAgent } from './fleet.ts';

/** Last sequence that was ever given, by epoch: also of facts that were sent and released. */
export function spoolEnds(agent: EnrolledAgent): ReadonlyMap<string, number> {
  const database = new DatabaseSync(`${agent.data}/state.db`, { readOnly: true });
  try {
    const epoch = database.prepare("SELECT value FROM setting WHERE key = 'epoch'").get();
    const end = database.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'spool'").get();
    return new Map([[String(epoch?.['value']), Number(end?.['seq'] ?? 0)]]);
  } finally {
    database.close();
  }
}

/** Desired documents the agent has read from the store since it runs. */
export function documentReads(agent: EnrolledAgent): number {
  return agent.output().match(/desired document read/g)?.length ?? 0;
}

/** Links to the core it had since it runs. */
export function linksMade(agent: EnrolledAgent): number {
  return agent.output().match(/connected to the core/g)?.length ?? 0;
}

/** Desired documents that took effect, read or pushed. */
export function documentsAccepted(agent: EnrolledAgent): number {
  return agent.output().match(/desired document accepted/g)?.length ?? 0;
}
