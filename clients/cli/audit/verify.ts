// The audit verified, by the core with its progress, or from an exported file without one.
import { createReadStream, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Schemas } from '#clients/sdk/client.ts';
import { messages } from '#clients/sdk/messages.ts';
import { checkpointIn, type SignedCheckpoint, verifyExport } from '#infra/audit/verify-export.ts';
import { EXIT, Failure } from '../failure.ts';
import { startSpinner } from '../progress/spinner.ts';
import type { Session } from '../session.ts';

export type Verification = Schemas['AuditVerification'];
type Fault = NonNullable<Verification['first']>;

interface Wish {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly agents?: boolean | undefined;
  /** `<number>-<hash>` */
  readonly checkpoint?: string | undefined;
}

/** @throws Failure when the file holds no genuine checkpoint */
export function keptCheckpoint({ folder }: Session, file: string): SignedCheckpoint {
  let text: string;
  try {
    text = readFileSync(resolve(folder, file), 'utf8');
  } catch (error) {
    throw new Failure(EXIT.usage, `The checkpoint can't be read: ${error instanceof Error ? error.message : error}`);
  }
  const signed = checkpointIn(text);
  if (signed === null)
    throw new Failure(
      EXIT.usage,
      `${file} holds no signed checkpoint.`,
      'Keep one by: overseer audit checkpoint > FILE',
    );
  return signed;
}

export async function verifyByCore({ connection, signal }: Session, wish: Wish): Promise<Verification> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(wish)) if (value !== undefined) query.set(name, String(value));
  const spinner = startSpinner();
  spinner.say(wish.agents ? 'asking the nodes' : 'verifying');
  try {
    for await (const { event, data } of messages(connection, `/api/audit/verify?${query}`, { signal })) {
      if (event === 'result') return JSON.parse(data) as Verification;
      if (event === 'failed')
        throw new Failure(EXIT.failed, `The audit could not be verified: ${JSON.parse(data).detail}`);
      const { records, total, faults } = JSON.parse(data) as { records: number; total: number; faults: number };
      spinner.say(`${records.toLocaleString('en')} of ${total.toLocaleString('en')} records, ${faults} faults`);
    }
  } finally {
    spinner.stop();
  }
  throw new Failure(EXIT.interrupted, 'Stopped before all was verified.');
}

export type VerifiedFile = Awaited<ReturnType<typeof verifyExport>>;

/** @throws Failure when it is no whole export */
export async function verifyFile(
  { folder }: Session,
  file: string,
  kept: SignedCheckpoint | null,
): Promise<VerifiedFile> {
  const input = createReadStream(resolve(folder, file));
  try {
    return await verifyExport(createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY }), kept);
  } catch (error) {
    throw new Failure(EXIT.failed, `${file} can't be verified: ${error instanceof Error ? error.message : error}`);
  } finally {
    input.destroy();
  }
}

export function faultLine({ partition, number, kind, detail }: Fault): string {
  return `${partition} ${number}: ${kind}: ${detail}`;
}

const counted = (count: number, what: string) => `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;

function rangeLine({ from, to }: VerifiedFile): string[] {
  if (from === null && to === null) return [];
  const range = `received from ${from ?? 'the beginning'} to ${to ?? 'the end'}`;
  return [`It holds records ${range}. That is a part, not the whole: what is outside was not looked at.`];
}

export function fileVerdict(found: VerifiedFile): string {
  const { faults, records, unsealed, checkpoints, key } = found;
  if (faults.length > 0) {
    const lines = ['NOT as it was written. The first bad place of each chain:', ...faults.map(faultLine)];
    return [...lines, ...rangeLine(found)].join('\n');
  }
  const signed = `${counted(checkpoints, 'checkpoint')} by key ${key}`;
  const late = `${counted(unsealed, 'record')} came after the newest checkpoint: nothing vouches for them yet.`;
  const head = `As it was written: ${counted(records, 'record')}, ${signed}.`;
  return [head, ...(unsealed > 0 ? [late] : []), ...rangeLine(found)].join('\n');
}

export function verdict({
  valid,
  first,
  faults,
  records,
  checkpoints,
  newest,
  isRestricted,
  agents,
}: Verification): string {
  const asked =
    agents === null
      ? []
      : [
          `${agents.answered} of ${counted(agents.asked, 'node')} told which checkpoints they hold.`,
          ...agents.claims.map(({ node, detail }) => `Unproved, said by node ${node}: ${detail}`),
        ];
  const rights = isRestricted
    ? []
    : ['The database lets this core itself change records: it has no role for the audit alone.'];
  if (!valid && first !== null) {
    const others = faults.filter((fault) => fault !== first).map(faultLine);
    const lines = [`NOT as it was written. First bad place: ${faultLine(first)}`, ...others, ...asked, ...rights];
    return [...new Set(lines)].join('\n');
  }
  const seal = newest === null ? 'none yet' : `newest ${newest.checkpoint.number} of ${newest.checkpoint.at}`;
  const head = `As it was written: ${counted(records, 'record')}, ${counted(checkpoints, 'checkpoint')}, ${seal}.`;
  return [head, ...asked, ...rights].join('\n');
}
