// Pure. What the registry tells of nodes, as CloudEvents.
import type { SpoolPosition } from '#infra/nats/bus.ts';
import type { Actor } from '#subjects/schema/actor.ts';
import type { CloudEvent, NodeFact } from '#subjects/schema/cloud-event.ts';
import type { Node } from '#subjects/schema/node.ts';
import type { NodeEvent, NodeEventBody } from '#subjects/schema/node-event.ts';

const FACT_OF = {
  'agent.started': 'agent-started',
  'document.rejected': 'document-rejected',
  'stack.step.started': 'step-started',
  'stack.step.output': 'step-output',
  'stack.step.finished': 'step-finished',
  'stack.settled': 'stack-settled',
  'container.changed': 'container-changed',
  'events.lost': 'events-lost',
  'stack.drifted': 'stack-drifted',
  'stack.corrected': 'stack-corrected',
  'secrets.opened': 'secrets-opened',
  'images.pruned': 'images-pruned',
  'checkpoint.refused': 'checkpoint-refused',
} as const satisfies Record<NodeEventBody['type'], NodeFact>;

export interface Fact {
  readonly node: string;
  readonly fact: NodeFact;
  readonly event: CloudEvent;
}

/** `by`: whoever asked for what it tells of. */
type Stamp = { readonly id: string; readonly at: Date; readonly by?: Pick<Actor, 'requestId'> };

function fact(node: string, name: NodeFact, { id, at, by }: Stamp, source: string, data: CloudEvent['data']): Fact {
  const event: CloudEvent = {
    specversion: '1.0',
    id,
    type: `dev.overseer.node.${name}.v1`,
    source,
    subject: `nodes/${node}`,
    time: at.toISOString(),
    datacontenttype: 'application/json',
    ...(by === undefined ? {} : { requestid: by.requestId }),
    data,
  };
  return { node, fact: name, event };
}

/** Something the core did or saw. */
export function coreFact(node: Node, name: NodeFact, stamp: Stamp, more: CloudEvent['data'] = {}): Fact {
  return fact(node.id, name, stamp, 'registry', { node, ...more });
}

/** Something a node told; its time is the node's. */
export function toldFact(node: string, told: NodeEvent, position: SpoolPosition, id: string): Fact {
  const stamp = { id, at: new Date(told.at) };
  const { event, ...rest } = fact(node, FACT_OF[told.body.type], stamp, `nodes/${node}`, { ...told.body });
  const place = { nodesequence: `${position.epoch}:${position.sequence}` };
  const stack = 'stack' in told.body ? { stack: told.body.stack } : {};
  return { ...rest, event: { ...event, ...place, ...stack } };
}

/** Something a node should have told and the core never got. */
export function lostFact(node: string, lost: { from: number; to: number; reason: string }, stamp: Stamp): Fact {
  return fact(node, 'events-lost', stamp, 'registry', { type: 'events.lost', ...lost });
}
