// Stacks and deployments of the stand-in's world, one of each kind that a screen must draw.
import type { Deployment, DeploymentStep } from '#subjects/schema/deployment.ts';
import type { NodeDesiredStatus } from '#subjects/schema/desired.ts';
import type { Node } from '#subjects/schema/node.ts';
import type { StackDetail, StackOnNode } from '#subjects/schema/stack.ts';
import { ago, idOf } from './ids.ts';
import { COMPOSE, DRIFT, FAILURE, imagesOf, sourceOf, specOf } from './particulars.ts';

const PHASES: readonly (readonly [string, StackOnNode['phase'], string | null])[] = [
  ['web', 'running', null],
  ['metrics', 'running', null],
  ['gitea', 'degraded', 'gitea: unhealthy since 4 min'],
  ['shop', 'applying', null],
  ['backup-agent', 'running', null],
  ['legacy-crm', 'failed', 'pull of registry.lan/crm:2.1 failed: manifest unknown'],
  ['wiki', 'stopped', null],
  ['immich', 'running', null],
  ['notes', 'rolled-back', 'web became unhealthy 12 s after its start; revision 11 runs again'],
];

export const RUNNING_DEPLOYMENT = idOf('deployment', 3);
export const FAILED_DEPLOYMENT = idOf('deployment', 5);
export const UNDONE_DEPLOYMENT = idOf('deployment', 8);

export function stacksOf(nodes: readonly Node[], now: number): StackDetail[] {
  return PHASES.map(([name, phase, reason], at) => {
    const selector = at % 2 === 0;
    const chosen = selector
      ? nodes.filter((node) => node.labels['env'] === (at % 4 === 0 ? 'prod' : 'staging'))
      : nodes.slice(at, at + 3);
    const targets = selector
      ? { selector: { env: at % 4 === 0 ? 'prod' : 'staging' } }
      : { nodes: chosen.map((node) => node.id) };
    return {
      name,
      revision: 4 + at,
      state: phase === 'stopped' ? 'stopped' : 'running',
      targets,
      deployment: idOf('deployment', at),
      nodes: chosen.map((node, number) => ({
        node: node.id,
        // One bad node is enough to be looked at.
        phase: phase === 'degraded' && number > 0 ? 'running' : phase,
        revision: phase === 'applying' ? 3 + at : 4 + at,
        reason: phase === 'degraded' && number > 0 ? null : reason,
        drift: name === 'shop' && number === 0 ? DRIFT : [],
      })),
      stoppedNodes: name === 'shop' ? chosen.slice(1, 2).map((node) => node.id) : [],
      source: name === 'web' ? sourceOf(now) : null,
      images: name === 'web' ? imagesOf(now) : [],
      createdAt: ago(now, 86_400 * 40),
      updatedAt: ago(now, 340 * (at + 1) ** 3),
      compose: COMPOSE,
      spec: specOf(name, targets),
    };
  });
}

export function statusOf(node: Node, stacks: readonly StackDetail[], now: number): NodeDesiredStatus {
  const here = stacks.filter((stack) => stack.nodes.some((each) => each.node === node.id));
  return {
    node: node.id,
    desired: { epoch: idOf('epoch', 1), generation: 41, hash: 'ab'.repeat(32) },
    observedGeneration: node.observedGeneration,
    reportedAt: node.lastSeenAt,
    stacks: here.map((stack) => {
      const own = stack.nodes.find((each) => each.node === node.id);
      const isUp = own !== undefined && ['running', 'degraded', 'applying'].includes(own.phase);
      return {
        name: stack.name,
        desiredRevision: stack.revision,
        observedRevision: own?.revision ?? null,
        phase: own?.phase ?? 'pending',
        reason: own?.reason ?? null,
        drift: [],
        services: ['web-1', ...(stack.name === 'shop' ? ['web-2'] : []), 'cache-1']
          .map((called) => [called, called.split('-')[0] ?? ''] as const)
          .map(([called, service]) => ({
            name: service,
            container: `${stack.name}-${called}`,
            image: service === 'web' ? 'nginx:1.27.4' : 'redis:7.4-alpine',
            state: isUp ? 'running' : 'exited',
            health: service === 'cache' ? (own?.phase === 'degraded' ? 'unhealthy' : 'healthy') : null,
            restarts: own?.phase === 'degraded' ? 3 : 0,
            startedAt: ago(now, 86_400 * 3 + 600),
          })),
      };
    }),
    conditions: [],
  };
}

function step(now: number, from: number, took: number | null, of: Partial<DeploymentStep>): DeploymentStep {
  return {
    step: 'apply',
    why: '',
    startedAt: ago(now, from),
    finishedAt: took === null ? null : ago(now, from - took),
    outcome: took === null ? null : 'ok',
    reason: null,
    exitCode: took === null ? null : 0,
    output: [],
    ...of,
  };
}

const PULLED = [
  ' \u001b[34mweb Pulling\u001b[0m',
  ' \u001b[32mweb Pulled\u001b[0m',
  '<img src=x onerror="document.title=\'owned\'">',
];

export function deploymentOf(stack: StackDetail, nodes: readonly Node[], now: number): Deployment {
  const phase = stack.nodes[0]?.phase;
  const state =
    phase === 'failed' || phase === 'rolled-back' ? phase : phase === 'applying' ? 'progressing' : 'succeeded';
  const isOver = state !== 'progressing';
  const nameOf = (id: string) => nodes.find((node) => node.id === id)?.name ?? id;
  const pull = step(now, 40, 12.4, { step: 'pull', why: 'nginx:1.27.4 is not on this node', output: PULLED });
  const up =
    state === 'failed'
      ? step(now, 27, 2.1, {
          step: 'up',
          why: 'revision 9 differs from what runs',
          outcome: 'failed',
          exitCode: 18,
          reason: 'docker compose up failed',
          output: ['Error response from daemon: manifest for registry.lan/crm:2.1 not found: manifest unknown'],
        })
      : step(now, 27, isOver ? 8.2 : null, {
          step: 'up',
          why: 'web has another image; cache stays as it is',
          output: [
            ' Network shop_default  Created',
            ' Container shop-cache-1  Healthy',
            ' Container shop-web-1  Starting',
          ],
        });
  return {
    id: stack.deployment ?? '',
    stack: stack.name,
    kind: 'apply',
    revision: stack.revision,
    state,
    reason: state === 'failed' ? 'manifest for registry.lan/crm:2.1 not found: manifest unknown' : null,
    createdAt: ago(now, 42),
    createdBy: 'admin',
    awaitsApproval: false,
    finishedAt: isOver ? ago(now, 18) : null,
    targets: stack.nodes.map((each, at) => {
      const isParked = !isOver && at === 2;
      return {
        node: each.node,
        nodeName: nameOf(each.node),
        state: isParked ? 'pending' : !isOver && at === 1 ? 'succeeded' : state,
        reason: each.reason,
        parked: isParked,
        finishedAt: isOver || at === 1 ? ago(now, 18) : null,
        batch: 1,
        failure: state === 'rolled-back' ? FAILURE : null,
        steps: isParked ? [] : [pull, !isOver && at === 1 ? { ...up, finishedAt: ago(now, 20), outcome: 'ok' } : up],
      };
    }),
  };
}
