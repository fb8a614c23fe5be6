// A rollout over many nodes in batches, stopped before the second until an operator says go.
import type { Deployment, DeploymentTarget } from '#subjects/schema/deployment.ts';
import type { Node } from '#subjects/schema/node.ts';
import { ago, idOf } from './ids.ts';

export const ROLLOUT = idOf('deployment', 90);
const BATCH = 12;

export function rolloutOf(nodes: readonly Node[], now: number): Deployment {
  return {
    id: ROLLOUT,
    stack: 'edge',
    kind: 'apply',
    revision: 7,
    state: 'progressing',
    reason: null,
    createdAt: ago(now, 95),
    createdBy: 'admin',
    awaitsApproval: true,
    finishedAt: null,
    targets: nodes.map((node, at): DeploymentTarget => {
      const batch = at === 0 ? 1 : 2 + Math.floor((at - 1) / BATCH);
      const isAway = node.liveness === 'offline';
      const isDone = batch === 1;
      return {
        node: node.id,
        nodeName: node.name,
        state: isDone ? 'succeeded' : batch === 2 && isAway ? 'pending' : 'held',
        reason: null,
        parked: isAway,
        finishedAt: isDone ? ago(now, 60) : null,
        batch,
        failure: null,
        steps: isDone
          ? [
              {
                step: 'up',
                why: 'edge has another image',
                startedAt: ago(now, 90),
                finishedAt: ago(now, 71),
                outcome: 'ok',
                reason: null,
                exitCode: 0,
                output: [' Container edge-proxy-1  Recreated', ' Container edge-proxy-1  Started'],
              },
            ]
          : [],
      };
    }),
  };
}
