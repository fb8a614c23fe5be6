// Audit records that a page holds, the newest first, and what a verification found. Pure.
import type { AuditFault, AuditRecord, AuditVerification } from '../api/shapes.ts';
import { plural } from '../parts/words.ts';

const HELD_MAX = 2000;

/** Each once, however often it is told. */
export function withRecords(held: readonly AuditRecord[], told: readonly AuditRecord[]): AuditRecord[] {
  const known = new Set(held.map(({ id }) => id));
  const fresh = new Map(told.filter(({ id }) => !known.has(id)).map((record) => [record.id, record]));
  // What somebody read further back stays.
  return [...[...fresh.values()].toReversed(), ...held].slice(0, Math.max(HELD_MAX, held.length));
}

const WHAT: Readonly<Record<AuditFault['kind'], string>> = {
  unreadable: 'can not be read',
  missing: 'is missing',
  extra: 'was put in',
  changed: 'was changed',
  forged: 'has a signature that is not its node’s',
  mislabelled: 'does not say what it holds',
  rewritten: 'was rewritten: a checkpoint knows another',
  truncated: 'and what followed it was cut off',
  'node-chain': 'does not go on where its node was',
  'checkpoint-missing': 'a checkpoint is missing',
  'checkpoint-changed': 'a checkpoint was changed',
  'checkpoint-forged': 'a checkpoint was signed by somebody else',
  witness: 'a node holds another checkpoint',
};

/** `record 12 of scheduler was changed: …` */
export function faultWords({ partition, number, kind, detail }: AuditFault): string {
  const isOfRecord = !kind.startsWith('checkpoint') && kind !== 'witness';
  const what = WHAT[kind] ?? kind;
  return `${isOfRecord ? `Record ${number} of ${partition} ${what}` : `Checkpoint ${number}: ${what}`}. ${detail}`;
}

export function verdictWords({ valid, records, checkpoints, faults }: AuditVerification): string {
  const all = `${plural(records, 'record')} and ${plural(checkpoints, 'checkpoint')}`;
  return valid ? `All ${all} are as they were written.` : `${plural(faults.length, 'fault')} in ${all}.`;
}

/** Who was asked what it holds, and who was not there. */
export function witnessWords({ agents, valid }: AuditVerification): string {
  if (agents === null) return 'No node was asked: a database that was rewritten as a whole is found only by them.';
  if (agents.asked === 0) return 'There is no node that could be asked.';
  const away = agents.asked - agents.answered;
  return `${agents.answered} of ${plural(agents.asked, 'node')} answered${away > 0 ? `, ${away} did not` : valid ? ' and agree with the rest' : ''}.`;
}
