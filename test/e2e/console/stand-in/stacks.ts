// Stacks and deployments of the stand-in's world, one of each kind that a screen must draw.
import type { Deployment, DeploymentStep } from '#subjects/schema/deployment.ts';
import type { NodeDesiredStatus } from '#subjects/schema/desired.ts';
import type { Node } from '#subjects/schema/node.ts';
import type { StackDetail, StackOnNode } from '#subjects/schema/stack.ts';
import { ago, idOf } from './ids.ts';

const COMPOSE = `# Front page and its cache
services:
  web:
    image: nginx:1.27.4
    ports: ["8080:80"]
    environment:
      GREETING: \${GREETING:-hello}
    depends_on:
      cache: { condition: service_healthy }
  cache:
    image: redis:7.4-alpine
    volumes: ["cache:/data"]
    healthcheck:
      test: ["CMD", "redis-cli", "ping"]
      interval: 5s
volumes:
  cache: {}
`;

const DRIFT: StackOnNode['drift'] = [
  {
    kind: 'config',
    service: 'web',
    container: 'shop-web-1',
    subject: 'HostConfig.PortBindings',
    expected: '8080:80/tcp',
    actual: '8081:80/tcp',
  },
  { kind: 'stopped', service: 'cache', container: 'shop-cache-1', subject: null, expected: null, actual: null },
  {
    kind: 'file',
    service: null,
    container: null,
    subject: 'compose.yaml',
    expected: 'sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef',
    actual: 'sha256:0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8',
  },
];

function sourceOf(now: number): StackDetail['source'] {
  const commit = '4f1c0de95a7b22d3e8f6a1b0c9d8e7f60a1b2c3d';
  return { commit, seen: commit, checkedAt: ago(now, 74), error: null };
}

function imagesOf(now: number): StackDetail['images'] {
  const [pinned, newest] = ['ab12cd34ef56', '99ffee001122'].map((start) => `sha256:${start.padEnd(64, '0')}`);
  const seen = { checkedAt: ago(now, 1800), error: null };
  return [
    { service: 'web', image: 'nginx:1.27.4', pinned: pinned ?? null, newest: newest ?? null, ...seen },
    { service: 'cache', image: 'redis:7.4-alpine', pinned: pinned ?? null, newest: pinned ?? null, ...seen },
  ];
}

function specOf(name: string, targets: StackDetail['targets']): StackDetail['spec'] {
  const env = { GREETING: 'good day', TAG: '1.27.4' };
  if (name === 'web') {
    const source = { repository: 'https://git.example.com/team/stacks.git', ref: 'main', path: 'web' };
    return {
      source: { ...source, credential: 'deploy-key' },
      env,
      targets,
      strategy: { batch: '25%', pauseSeconds: 30, gate: 'manual' },
      images: { policy: 'notify' },
      dependsOn: ['metrics'],
    };
  }
  if (name !== 'shop') return { compose: COMPOSE, env, targets };
  return {
    compose: COMPOSE,
    env,
    targets,
    drift: 'report',
    profiles: ['backup'],
    secrets: { 'db-password': { services: ['web'], environment: 'DB_PASSWORD' } },
  };
}

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
        services: ['web', 'cache'].map((service, number) => ({
          name: service,
          container: `${stack.name}-${service}-1`,
          image: number === 0 ? 'nginx:1.27.4' : 'redis:7.4-alpine',
          state: isUp ? 'running' : 'exited',
          health: number === 1 ? (own?.phase === 'degraded' ? 'unhealthy' : 'healthy') : null,
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

const FAILURE: Deployment['targets'][number]['failure'] = {
  service: 'web',
  container: 'notes-web-1',
  exitCode: 1,
  lines: [
    '2026/11/23 22:04:11 [notice] 1#1: using the "epoll" event method',
    '2026/11/23 22:04:12 [emerg] 1#1: host not found in upstream "cachee" in /etc/nginx/conf.d/default.conf:12',
    '\u001b[31mnginx: [emerg] host not found in upstream "cachee"\u001b[0m',
  ],
};

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
