// The verification of the whole audit: asks the nodes what they hold, then the audit service part by part. Whoever asked
// and went away ends it.
import { isDeepStrictEqual } from 'node:util';
import type { Bus } from '#infra/nats/bus.ts';
import { OverseerError } from '#subjects/errors.ts';
import type {
  AuditFault,
  AuditVerification,
  HeldCheckpoint,
  VerifyCursor,
} from '#subjects/schema/audit-verification.ts';
import type { Witness } from '#subjects/schema/checkpoint.ts';
import { everyRow, given } from '../routes/pages.ts';

const AT_ONCE = 16;
const NODE_MS = 15_000;
const PART_MS = 60_000;
const HOLDERS_TOLD = 5;
const FAULTS_TOLD = 100;

export interface VerificationWish {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly agents: boolean;
  /** `<number>-<hash>` */
  readonly checkpoint?: string | undefined;
}

export interface Progress {
  readonly records: number;
  readonly total: number;
  readonly checkpoints: number;
  readonly faults: number;
}

interface Asked {
  readonly held: HeldCheckpoint[];
  readonly faults: AuditFault[];
  readonly agents: NonNullable<AuditVerification['agents']>;
}

/** Many nodes hold the same ones. */
export function gatherHeld(witnesses: ReadonlyMap<string, Witness>): Pick<Asked, 'held' | 'faults'> {
  const held = new Map<string, { checkpoint: HeldCheckpoint['checkpoint']; holders: string[] }>();
  const faults: AuditFault[] = [];
  for (const [node, witness] of witnesses) {
    if (witness.conflict !== null) {
      const number = witness.held.at(-1)?.checkpoint.number ?? 0;
      faults.push({ partition: 'checkpoints', number, kind: 'witness', detail: `node ${node}: ${witness.conflict}` });
    }
    for (const checkpoint of witness.held) {
      const known = held.get(JSON.stringify(checkpoint));
      if (known === undefined) held.set(JSON.stringify(checkpoint), { checkpoint, holders: [node] });
      else if (known.holders.length < HOLDERS_TOLD) known.holders.push(node);
    }
  }
  return { held: [...held.values()], faults };
}

async function askAgents(bus: Bus, signal: AbortSignal): Promise<Asked> {
  const nodes = await everyRow((page) => bus.request('listNodes', {}, page));
  const waiting = nodes.map(({ id }) => id);
  const witnesses = new Map<string, Witness>();
  const silent: string[] = [];
  async function work(): Promise<void> {
    for (let node = waiting.shift(); node !== undefined && !signal.aborted; node = waiting.shift()) {
      try {
        witnesses.set(node, await bus.request('askWitness', {}, { node }, { timeoutMs: NODE_MS }));
      } catch {
        silent.push(node);
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { ...gatherHeld(witnesses), agents: { asked: nodes.length, answered: witnesses.size, silent } };
}

function fromFile(text: string | undefined): HeldCheckpoint[] {
  const [number, hash] = text?.split('-') ?? [];
  return hash === undefined
    ? []
    : [{ checkpoint: { number: Number(number), hash }, holders: ['the given checkpoint'] }];
}

/** @throws OverseerError when a part that is needed does not answer */
export async function verifyAll(
  bus: Bus,
  { from, to, agents, checkpoint }: VerificationWish,
  signal: AbortSignal,
  onProgress: (progress: Progress) => void = () => {},
): Promise<AuditVerification> {
  const asked = agents ? await askAgents(bus, signal) : null;
  const { records: total, newest, isRestricted } = await bus.request('summarizeAudit', {}, {});
  const held = [...fromFile(checkpoint), ...(asked?.held ?? [])];
  const faults = [...(asked?.faults ?? [])];
  let [records, checkpoints] = [0, 0];
  let cursor: VerifyCursor | null = null;
  do {
    const input = { cursor, ...given({ from, to }), ...(cursor === null ? { held } : {}) };
    const part: Awaited<ReturnType<typeof ask>> = await ask(input);
    records += part.records;
    checkpoints += part.checkpoints;
    faults.push(...part.faults);
    // Without end it would go on for as long as a cursor leads nowhere.
    if (cursor !== null && isDeepStrictEqual(part.cursor, cursor))
      throw new OverseerError('internal', 'it goes in a ring');
    cursor = part.cursor;
    onProgress({ records, total, checkpoints, faults: faults.length });
  } while (cursor !== null && !signal.aborted);
  const valid = faults.length === 0;
  const first = faults.find(({ kind }) => kind !== 'witness') ?? faults[0] ?? null;
  const told = faults.slice(0, FAULTS_TOLD);
  return { valid, first, faults: told, records, checkpoints, newest, isRestricted, agents: asked?.agents ?? null };

  function ask(input: object) {
    return bus.request('verifyAudit', {}, input as never, { timeoutMs: PART_MS });
  }
}
