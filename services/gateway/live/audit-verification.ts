// The verification of the whole audit: asks the nodes what they hold, then the audit service part by part. Whoever asked
// and went away ends it.
import { isDeepStrictEqual } from 'node:util';
import { isSigned } from '#infra/audit/checkpoint.ts';
import type { Bus } from '#infra/nats/bus.ts';
import { OverseerError } from '#subjects/errors.ts';
import type {
  AuditFault,
  AuditVerification,
  HeldCheckpoint,
  VerifyCursor,
} from '#subjects/schema/audit-verification.ts';
import type { SignedCheckpoint, Witness } from '#subjects/schema/checkpoint.ts';
import { everyRow, given } from '../routes/pages.ts';

const AT_ONCE = 16;
const NODE_MS = 15_000;
const PART_MS = 60_000;
const HOLDERS_TOLD = 5;
const FAULTS_TOLD = 100;
const CLAIMS_TOLD = 100;

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

type Agents = NonNullable<AuditVerification['agents']>;

interface Asked {
  readonly held: HeldCheckpoint[];
  readonly agents: Agents;
}

/**
 * What nodes hold, each once, since many hold the same. By whose key it is signed is for the audit service to judge: of one
 * whose key was replaced with its history, those of the old key are the proof. What nobody signed, and what a node only
 * says, proves nothing.
 */
export function gatherHeld(witnesses: ReadonlyMap<string, Witness>): Pick<Asked, 'held'> & Pick<Agents, 'claims'> {
  const held = new Map<string, { checkpoint: SignedCheckpoint; holders: string[] }>();
  const claims: Agents['claims'] = [];
  for (const [node, witness] of witnesses) {
    if (witness.conflict !== null) claims.push({ node, detail: witness.conflict });
    let unsigned = 0;
    for (const checkpoint of witness.held) {
      const text = JSON.stringify(checkpoint);
      const known = held.get(text);
      if (known === undefined && !isSigned(checkpoint)) unsigned += 1;
      else if (known === undefined) held.set(text, { checkpoint, holders: [node] });
      else if (known.holders.length < HOLDERS_TOLD) known.holders.push(node);
    }
    if (unsigned > 0) claims.push({ node, detail: `holds ${unsigned} that nobody signed` });
  }
  return { held: [...held.values()], claims: claims.slice(0, CLAIMS_TOLD) };
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
  const { held, claims } = gatherHeld(witnesses);
  return { held, agents: { asked: nodes.length, answered: witnesses.size, silent, claims } };
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
  const { records: total, newest, isRestricted } = await bus.request('summarizeAudit', {}, {});
  const asked = agents ? await askAgents(bus, signal) : null;
  const held = [...fromFile(checkpoint), ...(asked?.held ?? [])];
  const faults: AuditFault[] = [];
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
