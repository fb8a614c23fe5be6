// This node as a witness: keeps checkpoints of the audit on its own disk, out of reach of whoever has the core's
// database. The key of the first one is trusted from then on. A wrong first key could only make the right one be refused
// later, which is an alarm; so nothing has to be told at enrollment, and nodes enrolled before take part.
import { readFile } from 'node:fs/promises';
import * as z from 'zod/mini';
import type { Logger } from '#infra/logger.ts';
import { type SignedCheckpoint, Witness } from '#subjects/schema/checkpoint.ts';
import { writeDurably } from '../state/durable-file.ts';
import { judgeCheckpoint } from './accept-checkpoint.ts';
import { thinned } from './thin.ts';

/** With the place of each that is held; without them they were taken one after the other. */
const Kept = z.extend(Witness, { places: z.optional(z.array(z.int().check(z.minimum(0)))) });
type Kept = z.infer<typeof Kept>;
const NOTHING: Kept = { kind: 'witness', key: null, held: [], conflict: null };

export interface WitnessFile {
  load(): Promise<Kept>;
  keep(kept: Kept): Promise<void>;
}

/** One that can't be read is set aside by nobody: it is said, and the node begins anew. */
export function witnessFile(file: string, log: Pick<Logger, 'warn'>): WitnessFile {
  return {
    async load() {
      try {
        return Kept.parse(JSON.parse(await readFile(file, 'utf8')));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
          log.warn({ error }, 'the held checkpoints are unreadable');
        return NOTHING;
      }
    },
    keep: (kept) => writeDurably(file, `${JSON.stringify(kept)}\n`),
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

function withNext({ places, ...before }: Kept, signed: SignedCheckpoint): Kept {
  const isWhole = places?.length === before.held.length;
  const taken = before.held.map((one, index) => ({ signed: one, place: (isWhole ? places[index] : null) ?? index }));
  const place = (taken.at(-1)?.place ?? -1) + 1;
  const held = thinned([...taken, { signed, place }]);
  return {
    ...{ ...before, key: signed.key },
    held: held.map((one) => one.signed),
    places: held.map((one) => one.place),
  };
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
        const next = withNext(held, signed);
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
    held() {
      const { places: _, ...witness } = held;
      return witness;
    },
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
