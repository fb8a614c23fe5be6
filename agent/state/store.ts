// What an agent must still know after a crash: events that nobody has acknowledged, and what became of each stack.
// Two implementations: on disk for real agents, in memory for simulated ones.
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

export interface AgentStore {
  readonly spool: Spool;
  records(): StackRecord[];
  keep(record: StackRecord): void;
  /** The record and the event that tells of it, both or neither. */
  settle(record: StackRecord, event: NodeEvent | null): void;
  observedGeneration(): number;
  keepObservedGeneration(generation: number): void;
  close(): void;
}
