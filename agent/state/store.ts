// What an agent must still know after a crash: events that nobody has acknowledged, and what became of each stack.
// Two implementations: on disk for real agents, in memory for simulated ones.
import type { AuditRecord, NodeAudit } from '#subjects/schema/audit.ts';
import type { DesiredStack } from '#subjects/schema/desired.ts';
import type { NodeEvent } from '#subjects/schema/node-event.ts';
import type { StackRecord } from '../stacks/model.ts';

export interface SpooledEvent {
  readonly sequence: number;
  readonly event: NodeEvent;
}

/** Events in the order they happened. Sequences count by one within an epoch and never begin again. */
export interface Spool {
  readonly epoch: string;
  /** All of them or none. */
  append(...events: NodeEvent[]): void;
  oldest(): SpooledEvent | null;
  /** It is stored elsewhere, or can't be: it is not sent again. */
  release(sequence: number): void;
  readonly count: number;
  readonly isFull: boolean;
}

export interface SpooledRecord {
  readonly sequence: number;
  readonly entry: NodeAudit;
}

/** What the agent did, in a chain of its own, until the core has it. Sequences are those of the chain. */
export interface AuditTrail {
  readonly epoch: string;
  /** Part of the transaction that is open, if one is. */
  append(record: AuditRecord): void;
  oldest(): SpooledRecord | null;
  release(sequence: number): void;
  readonly count: number;
}

/** Null: there is none any more. Left out: as it was. */
export type GoodChange = DesiredStack | null | undefined;

/** A restart or pull that has not got its outcome yet. */
export interface OpenAction {
  readonly deployment: string;
  readonly stack: string;
  readonly revision: number | null;
}

export interface AgentStore {
  readonly spool: Spool;
  /** Null where nobody signs one: on simulated nodes. */
  readonly audit: AuditTrail | null;
  records(): StackRecord[];
  /** The last version of each stack that was healthy here, with its secrets as they were sealed. */
  goods(): DesiredStack[];
  keep(record: StackRecord): void;
  /** The record, the event that tells of it and the last good version that follows from it: all or none. */
  settle(record: StackRecord, event: NodeEvent | null, good?: GoodChange): void;
  openActions(): OpenAction[];
  beginAction(action: OpenAction): void;
  /** The outcome, and that it is no longer open: both or neither. */
  endAction(deployment: string, event: NodeEvent): void;
  observedGeneration(): number;
  keepObservedGeneration(generation: number): void;
  close(): void;
}
