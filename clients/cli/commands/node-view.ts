// A node in words: as a row, with all that is known of it, and with what it should run.
import type { Schemas } from '#clients/sdk/client.ts';
import type { Node } from '../nodes.ts';
import { fields } from '../output/fields.ts';
import type { Kind } from '../output/render.ts';
import { table } from '../output/table.ts';
import { age, labels, short } from '../output/words.ts';

export const kind: Kind<Node> = {
  name: ({ name }) => `nodes/${name}`,
  id: ({ id }) => id,
  none: 'No nodes yet. Add one: overseer node add',
  columns: [
    { title: 'NAME', of: ({ name }) => name },
    { title: 'ID', of: ({ id }) => short(id) },
    { title: 'STATE', of: (node) => stateOf(node) },
    { title: 'SEEN', of: ({ lastSeenAt }) => age(lastSeenAt, Date.now()) },
    { title: 'VERSION', of: ({ agentVersion }) => agentVersion ?? '-' },
    { title: 'LABELS', of: (node) => labels(node.labels) },
    { title: 'DOCKER', of: ({ facts }) => facts?.dockerVersion ?? '-', wide: true },
    { title: 'SYSTEM', of: ({ facts }) => (facts ? `${facts.os} ${facts.arch}` : '-'), wide: true },
    { title: 'CPUS', of: ({ facts }) => String(facts?.cpus ?? '-'), wide: true },
    { title: 'HOST', of: ({ facts }) => facts?.hostname ?? '-', wide: true },
  ],
};

function stateOf({ liveness, paused, drained }: Node): string {
  return [liveness, ...(paused ? ['paused'] : []), ...(drained ? ['drained'] : [])].join(',');
}

/** What an operator can change. */
function settings(node: Node): (readonly [string, string])[] {
  return [
    ['labels', labels(node.labels)],
    ['heartbeat', `every ${node.heartbeatSeconds} s`],
    ['prunes images', node.pruneImages ?? 'off'],
  ];
}

export function settingsOf(node: Node): string {
  return fields([['name', node.name], ['state', stateOf(node)], ...settings(node)]);
}

export function describe(node: Node): string {
  const { facts } = node;
  return fields([
    ['name', node.name],
    ['id', node.id],
    ['state', stateOf(node)],
    ['seen', `${age(node.lastSeenAt, Date.now())} ago`],
    ...settings(node),
    ['agent', node.agentVersion ?? '-'],
    ['credential', node.credentialExpiresAt === null ? '-' : `until ${node.credentialExpiresAt}`],
    ['system', facts ? `${facts.os} ${facts.arch}, kernel ${facts.kernel}, ${facts.cpus} CPUs` : '-'],
    ['docker', facts?.dockerVersion ?? '-'],
  ]);
}

export function describeStatus(status: Schemas['NodeStatus']): string {
  const { desired, observedGeneration, heartbeatAgeSeconds } = status;
  const head = fields([
    ['name', status.name],
    ['liveness', status.liveness],
    ['heartbeat', heartbeatAgeSeconds === null ? '-' : `${heartbeatAgeSeconds.toFixed(0)} s ago`],
    ['generation', `${observedGeneration ?? '-'} of ${desired?.generation ?? '-'}`],
    ...status.conditions.filter(({ status: holds }) => holds).map(({ type, reason }) => [type, reason] as const),
  ]);
  type Row = {
    stack: (typeof status.stacks)[number];
    service: (typeof status.stacks)[number]['services'][number] | null;
  };
  const rows = status.stacks.flatMap((stack): Row[] =>
    stack.services.length === 0 ? [{ stack, service: null }] : stack.services.map((service) => ({ stack, service })),
  );
  if (rows.length === 0) return head;
  const body = table(
    [
      { title: 'STACK', of: ({ stack }) => stack.name },
      { title: 'REVISION', of: ({ stack }) => `${stack.observedRevision ?? '-'}/${stack.desiredRevision ?? '-'}` },
      { title: 'PHASE', of: ({ stack }) => stack.phase },
      { title: 'SERVICE', of: ({ service }) => service?.name ?? '-' },
      { title: 'CONTAINER', of: ({ service }) => service?.state ?? '-' },
      { title: 'HEALTH', of: ({ service }) => service?.health ?? '-' },
      { title: 'RESTARTS', of: ({ service }) => String(service?.restarts ?? '-') },
    ],
    rows,
    { headers: true, wide: false, width: null },
  );
  return `${head}\n${body}`;
}
