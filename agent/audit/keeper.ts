// What the agent did that no event tells of, written into its own audit. A disk that takes nothing is no reason to stop
// running stacks: it is said in the log, and the condition of the event spool tells of the disk.
import { newId } from '#infra/ids.ts';
import type { Logger } from '#infra/logger.ts';
import type { AuditTrail } from '../state/store.ts';
import { type Done, recordOf } from './records.ts';

export interface AuditKeeper {
  /** @param request of what it was done for; the boot's id unless said */
  note(done: Done, request?: string): void;
}

interface Parts {
  readonly node: string;
  readonly bootId: string;
  /** Null: nothing is recorded here, as on simulated nodes. */
  readonly trail: AuditTrail | null;
  readonly log: Pick<Logger, 'warn'>;
  now(): number;
  onNoted(): void;
}

export function auditKeeper({ node, bootId, trail, log, now, onNoted }: Parts): AuditKeeper {
  return {
    note(done, request = bootId) {
      if (trail === null) return;
      try {
        trail.append(recordOf(done, { node, id: newId(), at: new Date(now()).toISOString(), request }));
        onNoted();
      } catch (error) {
        log.warn({ error, action: done.action }, 'the audit record of what was done could not be kept');
      }
    },
  };
}
