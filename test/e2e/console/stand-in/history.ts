// What happened in the stand-in's world, and who did it.

import type * as z from 'zod/mini';
import type { StoredAuditRecord } from '#subjects/schema/audit.ts';
import type { CloudEvent } from '#subjects/schema/cloud-event.ts';
import type { Node } from '#subjects/schema/node.ts';
import { ago, idOf } from './ids.ts';

type Stored = z.infer<typeof StoredAuditRecord>;

export function factOf(number: number, fact: string, subject: string, time: string, rest: object): CloudEvent {
  const domain = subject.startsWith('nodes/') ? 'node' : 'deployment';
  return {
    specversion: '1.0',
    id: idOf('fact', number),
    type: `dev.overseer.${domain}.${fact}.v1`,
    source: 'registry',
    subject,
    time,
    datacontenttype: 'application/json',
    data: { ...rest },
  };
}

const FACTS: readonly (readonly [string, object])[] = [
  ['stack-settled', { stack: 'web', revision: 4, outcome: 'succeeded', reason: null }],
  [
    'container-changed',
    { stack: 'gitea', service: 'gitea', container: 'gitea-1', action: 'unhealthy', exitCode: null },
  ],
  ['step-finished', { stack: 'legacy-crm', step: 'up', outcome: 'failed', reason: 'manifest unknown', exitCode: 18 }],
  ['online', {}],
  ['step-started', { stack: 'web', step: 'pull', why: 'nginx:1.27.4 is not on this node' }],
  ['offline', {}],
  ['credential-renewed', {}],
  ['updated', {}],
];

export function factsOf(nodes: readonly Node[], count: number, now: number): CloudEvent[] {
  if (nodes.length === 0) return [];
  return Array.from({ length: count }, (_, at) => {
    const [fact, rest] = FACTS[at % FACTS.length] ?? ['updated', {}];
    const node = nodes[(at * 7) % Math.min(nodes.length, 24)] as Node;
    return factOf(at, fact, `nodes/${node.id}`, ago(now, 8 + at * at * 3), rest);
  });
}

const ACTIONS = [
  ['stack.put', 'stacks/web', null],
  ['node.configure', 'nodes', null],
  ['enrollment-token.create', 'enrollment-tokens', null],
  ['session.open', 'session', 'unauthorized'],
  ['stack.remove', 'stacks/old', null],
] as const;

function keptBy(source: string, number: number, receivedAt: string) {
  return { source, partition: source, number, receivedAt, hash: 'ab'.repeat(32), fault: null };
}

export function auditOf(nodes: readonly Node[], count: number, now: number): Stored[] {
  return Array.from({ length: count }, (_, at) => {
    const [action, object, code] = ACTIONS[at % ACTIONS.length] ?? ACTIONS[0];
    return {
      kind: 'audit',
      id: idOf('audit', at),
      at: ago(now, 20 + at * at * 11),
      actor: {
        kind: 'operator',
        id: code === null ? 'admin' : 'unknown',
        origin: '127.0.0.1',
        requestId: idOf('request', at),
      },
      action,
      object: object === 'nodes' ? `nodes/${nodes[at]?.id ?? idOf('node', 0)}` : object,
      outcome: code === null ? 'accepted' : 'refused',
      code,
      detail: action === 'stack.put' ? { revision: 4, hash: 'ab12cd34' } : {},
      sequence: count - at,
      ...keptBy(action.startsWith('stack') ? 'scheduler' : 'registry', count - at, ago(now, 20 + at * at * 11)),
    };
  });
}
