// This node as a witness: keeps the newest checkpoints of the audit on its own disk, out of reach of whoever has the core's
// database. The key of the first one is trusted from then on. A wrong first key could only make the right one be refused
// later, which is an alarm; so nothing has to be told at enrollment, and nodes enrolled before take part.
import { readFile } from 'node:fs/promises';
import type { Logger } from '#infra/logger.ts';
import { type SignedCheckpoint, Witness } from '#subjects/schema/checkpoint.ts';
import { writeDurably } from '../state/durable-file.ts';
import { judgeCheckpoint } from './accept-checkpoint.ts';

/** A quarter of an hour of a busy core. */
const MOST_HELD = 16;
const NOTHING: Witness = { kind: 'witness', key: null, held: [], conflict: null };

export interface WitnessFile {
  load(): Promise<Witness>;
  keep(witness: Witness): Promise<void>;
}

/** One that can't be read is set aside by nobody: it is said, and the node begins anew. */
export function witnessFile(file: string, log: Pick<Logger, 'warn'>): WitnessFile {
  return {
    async load() {
      try {
        return Witness.parse(JSON.parse(await readFile(file, 'utf8')));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
          log.warn({ error }, 'the held checkpoints are unreadable');
        return NOTHING;
      }
    },
    keep: (witness) => writeDurably(file, `${JSON.stringify(witness)}\n`),
  };
}

export interface WitnessParts {
  readonly file: WitnessFile;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  /** Null: nothing contradicts what is held. */
  onConflict(reason: string | null): void;
  /** Once for each reason. */
  onRefused(reason: string, number: number): void;
}

export interface CheckpointWitness {
  /** One after the other. */
  offer(signed: SignedCheckpoint): void;
  held(): Witness;
  stop(): Promise<void>;
}

export async function startWitness({ file, log, onConflict, onRefused }: WitnessParts): Promise<CheckpointWitness> {
  let held = await file.load();
  let turn = Promise.resolve();
  /** Keys that were told of. */
  const strangers = new Set<string>();
  if (held.conflict !== null) onConflict(held.conflict);

  async function consider(signed: SignedCheckpoint): Promise<void> {
    const judged = judgeCheckpoint(held, signed);
    switch (judged.kind) {
      case 'keep': {
        const next = { ...held, key: signed.key, held: [...held.held, signed].slice(-MOST_HELD) };
        await file.keep(next);
        held = next;
        return;
      }
      case 'conflict': {
        if (held.conflict !== null) return;
        held = { ...held, conflict: judged.reason };
        log.error({ reason: judged.reason }, 'the audit of the core contradicts what this node witnessed');
        onRefused(judged.reason, signed.checkpoint.number);
        onConflict(judged.reason);
        await file.keep(held);
        return;
      }
      case 'stranger':
        if (strangers.has(signed.key)) return;
        strangers.add(signed.key);
        log.error({ reason: judged.reason }, 'a checkpoint of the audit is by another key');
        onRefused(judged.reason, signed.checkpoint.number);
        return;
      case 'ignore':
        log.warn({ reason: judged.reason }, 'a checkpoint of the audit was not taken');
        return;
      case 'same':
        return;
      default:
        judged satisfies never;
    }
  }

  return {
    offer(signed) {
      turn = turn
        .then(() => consider(signed))
        .catch((error: unknown) => log.warn({ error }, 'a checkpoint of the audit could not be kept'));
    },
    held: () => held,
    stop: () => turn,
  };
}

/** For nodes without a disk: simulated ones. */
export function memoryWitness(): WitnessFile {
  let kept = NOTHING;
  return {
    load: async () => kept,
    async keep(witness) {
      kept = witness;
    },
  };
}
