// The calls that plan, change and undo, answered from the world. They note what was asked; nothing is carried out.
import type { PlannedNode, StackPlan } from '#subjects/schema/plan.ts';
import type { RevisionDetail } from '#subjects/schema/stack.ts';
import { type Answer, missing, ok, page, problem, type Route } from './answered.ts';
import { idOf } from './ids.ts';
import type { World } from './world.ts';

const LAST_REVISION = 'nginx:1.27.4';

function revisionOf(compose: string, number: number, newest: number): string {
  if (number === newest) return compose;
  const older = compose.replace(LAST_REVISION, `nginx:1.27.${number % 4}`);
  return number % 2 === 0 ? older.replace('    volumes: ["cache:/data"]\n', '') : older;
}

const revision: Answer = (world, name, _, second) => {
  const stack = world.stacks.find((each) => each.name === name);
  const number = Number(second);
  if (stack === undefined || number > stack.revision) return missing('revision');
  const detail: RevisionDetail = {
    revision: number,
    hash: String(number).repeat(64).slice(0, 64),
    createdAt: stack.updatedAt,
    createdBy: 'admin',
    deployment: stack.deployment,
    commit: null,
    compose: revisionOf(stack.compose, number, stack.revision),
    files: {},
    env: number === stack.revision ? ['GREETING', 'TAG'] : ['TAG'],
  };
  return ok(detail);
};

const CHANGED: PlannedNode['changes'] = [
  {
    service: 'web',
    container: 'shop-web-1',
    change: 'recreate',
    reasons: [{ kind: 'image', detail: 'nginx:1.27.3 → nginx:1.27.4' }],
  },
  { service: 'cache', container: 'shop-cache-1', change: 'keep', reasons: [] },
  { service: 'worker', container: null, change: 'create', reasons: [{ kind: 'new', detail: '' }] },
  {
    service: 'old-job',
    container: 'shop-old-job-1',
    change: 'remove',
    reasons: [{ kind: 'orphan', detail: 'the stack has no service old-job' }],
  },
];

const plan: Answer = (world, name, { body }) => {
  const held = world.stacks.find((stack) => stack.name === name);
  const ids: string[] = held?.nodes.map(({ node }) => node) ?? body?.targets?.nodes ?? [];
  const nodes = ids.map((id, at): PlannedNode => {
    const node = world.nodes.find((each) => each.id === id);
    const isAway = node?.liveness === 'offline';
    const isDeaf = node?.liveness === 'suspect';
    return {
      node: id,
      nodeName: node?.name ?? id,
      state: isAway ? 'parked' : isDeaf ? 'failed' : 'planned',
      reason: isDeaf ? 'the node did not answer in time' : null,
      batch: at === 0 ? 1 : 2,
      steps: [],
      changes: isAway || isDeaf ? [] : CHANGED,
    };
  });
  const answer: StackPlan = {
    name,
    revision: (held?.revision ?? 0) + 1,
    changed: true,
    nodes,
    warnings: body?.env?.LATEST === undefined ? [] : ['web: nginx:latest may name another image tomorrow'],
  };
  return ok(answer);
};

/** The next thing to look at after a change: the deployment that runs. */
const underWay = (world: World) =>
  world.deployments.find(({ state }) => state === 'progressing')?.id ?? world.deployments[0]?.id ?? null;

const onStack =
  (reply: (world: World, revision: number) => object): Answer =>
  (world, name) => {
    const stack = world.stacks.find((each) => each.name === name);
    return stack === undefined ? missing('stack') : ok({ name, ...reply(world, stack.revision) }, 202);
  };

const decide: Answer = (world, id, _, decision) => {
  world.deployments = world.deployments.map((each) =>
    each.id !== id
      ? each
      : {
          ...each,
          awaitsApproval: false,
          targets: each.targets.map((target) =>
            target.state === 'held' && target.batch === 2 && decision === 'continue'
              ? { ...target, state: 'progressing' }
              : target,
          ),
        },
  );
  return ok({});
};

const putSecret: Answer = (world, name, { body }) => {
  const held = world.secrets.find((each) => each.name === name);
  const now = new Date().toISOString();
  const version = (held?.version ?? 0) + 1;
  const made = held ?? { name, stacks: [], waiting: [], createdAt: now };
  const fresh = { ...made, version, description: body.description ?? null, updatedAt: now, updatedBy: 'admin' };
  world.secrets = [...world.secrets.filter((each) => each !== held), fresh];
  const deployments = made.stacks.map((stack) => ({ stack, deployment: idOf('deployment', 3) }));
  return ok({ name, version, deployments, warnings: [] });
};

const removeSecret: Answer = (world, name) => {
  const held = world.secrets.find((each) => each.name === name);
  if (held === undefined) return missing('secret');
  if (held.stacks.length > 0)
    return problem(409, 'conflict', 'Something stands against it', `${name} is used by ${held.stacks.join(', ')}`);
  world.secrets = world.secrets.filter((each) => each !== held);
  return ok({});
};

const adopt: Answer = (world, id, _, name) => {
  const found = world.projects[id]?.find((each) => each.name === name);
  if (found === undefined) return missing('project');
  world.projects[id] = (world.projects[id] ?? []).filter((each) => each !== found);
  return ok({ name, revision: 1, deployment: underWay(world), changed: true, warnings: [] }, 202);
};

export const CHANGES: readonly Route[] = [
  [/^GET \/stacks\/([^/]+)\/revisions\/(\d+)$/, revision],
  [/^POST \/stacks\/([^/]+)\/plan$/, plan],
  [
    /^POST \/stacks\/([^/]+)\/rollback$/,
    onStack((world, newest) => ({ revision: newest + 1, deployment: underWay(world), changed: true, warnings: [] })),
  ],
  [
    /^POST \/stacks\/([^/]+)\/actions\/(restart|pull|stop|start|scale)$/,
    onStack((world, newest) => ({ revision: newest, deployment: underWay(world), changed: true })),
  ],
  [
    /^POST \/stacks\/([^/]+)\/sync$/,
    onStack((_, newest) => ({ revision: newest, deployment: null, changed: false, source: null, images: [] })),
  ],
  [
    /^GET \/deployments$/,
    (world, _, { query }) =>
      page(
        world.deployments
          .filter(({ stack }) => stack === query.get('stack'))
          .flatMap(({ targets: _targets, ...summary }) => [
            summary,
            ...Array.from({ length: summary.revision - 1 }, (_each, at) => ({
              ...summary,
              id: idOf(`deployment of ${summary.stack}`, summary.revision - 1 - at),
              revision: summary.revision - 1 - at,
              state: at === 0 ? ('rolled-back' as const) : ('succeeded' as const),
            })),
          ]),
      ),
  ],
  [/^POST \/deployments\/([^/]+)\/(continue|cancel)$/, decide],
  [/^GET \/nodes\/([^/]+)\/projects$/, (world, id) => page(world.projects[id] ?? [])],
  [/^POST \/nodes\/([^/]+)\/projects\/([^/]+)\/adopt$/, adopt],
  [/^POST \/nodes\/([^/]+)\/actions\/prune$/, () => ok({}, 202)],
  [
    /^GET \/secrets$/,
    (world) => {
      const { secrets: items, secretMode: mode, recoveryRecipient } = world;
      return ok({ items, nextCursor: null, mode, recoveryRecipient });
    },
  ],
  [/^PUT \/secrets\/([^/]+)$/, putSecret],
  [/^DELETE \/secrets\/([^/]+)$/, removeSecret],
];
