// Placement in one line: stacks `web@2 on role=edge`, nodes `a[role=edge]`, a drained one `b!`, assignments `a=web@1`,
// confirmed ones `a=web@1+`, removals `a=-web`; changes `a+web@2`, `a-web`, with volumes `a-web/v`.

import type { Assignment, Change, PlacedNode, PlacedStack } from '#services/scheduler/placement.ts';
import { NOTHING_RESOLVED } from '#services/scheduler/specification.ts';

/** Of a stack that is nowhere stopped or held. */
export const SIMPLE = {
  stoppedHash: 'stopped',
  resolution: NOTHING_RESOLVED,
  stoppedNodes: new Set<string>(),
  heldNodes: new Set<string>(),
};

function labelsOf(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .split(',')
      .filter((pair) => pair.includes('='))
      .map((pair) => pair.split('=') as [string, string]),
  );
}

/** `web@2 on a,b`, `web@2 on role=edge`, `web@2 on *`; `web@2 gone`, `web@2 gone/v`. */
export function stacksIn(text: string): PlacedStack[] {
  return text
    .split('|')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const [id = '', verb = '', where = ''] = part.split(' ');
      const [name = '', revision = '1'] = id.split('@');
      const words = where.split(',').filter((word) => word !== '' && word !== '*');
      const nodes = words.filter((word) => !word.includes('='));
      const selects = where === '*' || words.some((word) => word.includes('='));
      return {
        name,
        revision: Number(revision),
        state: 'running' as const,
        hash: `${name}-${revision}`,
        ...SIMPLE,
        deployment: `d-${name}-${revision}`,
        targets: { ...(nodes.length > 0 ? { nodes } : {}), ...(selects ? { selector: labelsOf(where) } : {}) },
        removed: verb.startsWith('gone') ? { volumes: verb.endsWith('/v') } : null,
      };
    });
}

export function nodesIn(text: string): PlacedNode[] {
  return text
    .split(' ')
    .filter((part) => part !== '')
    .map((part) => {
      const [, id = '', labels = '', drained = ''] = /^(\w+)(?:\[(.*)\])?(!?)$/.exec(part) ?? [];
      return { id, labels: labelsOf(labels), drained: drained === '!' };
    });
}

export function assignedIn(text: string): Map<string, Map<string, Assignment>> {
  const byNode = new Map<string, Map<string, Assignment>>();
  for (const part of text.split(' ').filter((word) => word !== '')) {
    const [node = '', what = ''] = part.split('=');
    const confirmedAt = what.endsWith('+') ? 1 : null;
    const [name = '', revision = '1'] = what.replace('+', '').replace(/^-/, '').split('@');
    const own = byNode.get(node) ?? new Map<string, Assignment>();
    own.set(
      name,
      what.startsWith('-')
        ? { kind: 'removed', deployment: null, volumes: false, generation: 1, confirmedAt }
        : {
            kind: 'run',
            revision: Number(revision),
            state: 'running',
            hash: `${name}-${revision}`,
            resolution: NOTHING_RESOLVED,
            deployment: `d-${name}-${revision}`,
            confirmedAt,
          },
    );
    byNode.set(node, own);
  }
  return byNode;
}

export function written(changes: readonly Change[]): string {
  return changes
    .map(({ node, stack, to }) =>
      to.kind === 'run' ? `${node}+${stack}@${to.revision}` : `${node}-${stack}${to.volumes ? '/v' : ''}`,
    )
    .join(' ');
}
