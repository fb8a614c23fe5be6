// What a reader is on the bus, computed from its role and filters: its principal, its stream, the subjects it is owed.
import { contract } from './contract.ts';
import type { Principal } from './principals.ts';
import { ReaderFilters, type ReaderRole } from './schema/reader.ts';
import { patternOf } from './subject.ts';

interface OnTheBus {
  readonly principal: Extract<Principal, 'reader' | 'reader-audit'>;
  readonly stream: 'EVENTS' | 'AUDIT';
}

const ROLES: Readonly<Record<ReaderRole, OnTheBus>> = {
  events: { principal: 'reader', stream: 'EVENTS' },
  audit: { principal: 'reader-audit', stream: 'AUDIT' },
};

export function readerOnTheBus(role: ReaderRole): OnTheBus {
  return ROLES[role];
}

export function readerUser(name: string): string {
  return `r-${name}`;
}

type Kind = NonNullable<ReaderFilters['kinds']>[number];

function patternsOf(kind: Kind, nodes: readonly string[]): string[] {
  const [domain, fact] = kind.split('.');
  const fixed: Record<string, string> = fact === undefined ? {} : { fact };
  if (domain === 'deployment') return [patternOf(contract.deploymentFact.subject, fixed)];
  if (nodes.length === 0) return [patternOf(contract.nodeFact.subject, fixed)];
  return nodes.map((node) => patternOf(contract.nodeFact.subject, { ...fixed, node }));
}

/**
 * Subjects that overlap nowhere, as the server wants them; null when the filters contradict each other: facts of
 * deployments name every node, so a reader of some nodes can't have them, and audit records have no filters.
 */
export function readerSubjects(role: ReaderRole, filters: ReaderFilters = {}): string[] | null {
  const { nodes = [], kinds = [] } = ReaderFilters.parse(filters);
  if (role === 'audit') {
    return nodes.length + kinds.length > 0 ? null : [patternOf(contract.auditRecord.subject)];
  }
  const wanted: readonly Kind[] = kinds.length > 0 ? kinds : nodes.length > 0 ? ['node'] : ['node', 'deployment'];
  if (nodes.length > 0 && wanted.some((kind) => kind.startsWith('deployment'))) return null;
  const widest = wanted.filter((kind) => !kind.includes('.') || !wanted.includes(kind.split('.')[0] as Kind));
  return [...new Set(widest.flatMap((kind) => patternsOf(kind, [...new Set(nodes)])))];
}
