// The calls that plan, change and undo, answered from the world. They note what was asked; nothing is carried out.
import type { PlannedNode, StackPlan } from '#subjects/schema/plan.ts';
import type { RevisionDetail } from '#subjects/schema/stack.ts';
import { type Answer, missing, ok, page, paged, problem, type Route } from './answered.ts';
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

const STEPS: PlannedNode['steps'] = [
  { step: 'pull', why: 'nginx:1.27.4 is not on this node' },
  { step: 'up', why: 'web has another image; cache stays as it is' },
];
const PRESENT_STEPS: PlannedNode['steps'] = [{ step: 'write', why: 'compose.yaml was edited by hand' }];

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
      steps: isAway || isDeaf ? [] : body === null ? PRESENT_STEPS : STEPS,
      changes: isAway || isDeaf || body === null ? [] : CHANGED,
    };
  });
  const answer: StackPlan = {
    name,
    revision: (held?.revision ?? 0) + (body === null ? 0 : 1),
    changed: body !== null,
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

type Summary = Omit<World['deployments'][number], 'targets'>;
const summaryOf = ({ targets: _, ...summary }: World['deployments'][number]): Summary => summary;

/** The one of the revision that is there; and what was done to the stack without a new one. */
function newestOf(deployment: World['deployments'][number]): Summary[] {
  const summary = summaryOf(deployment);
  if (summary.stack !== 'wiki') return [summary];
  return [summary, { ...summary, id: idOf('restart of wiki', 1), kind: 'restart', createdBy: 'ci' }];
}

function olderOf(deployment: World['deployments'][number]): Summary[] {
  const summary = summaryOf(deployment);
  return Array.from({ length: summary.revision - 1 }, (_each, at) => ({
    ...summary,
    id: idOf(`deployment of ${summary.stack}`, summary.revision - 1 - at),
    revision: summary.revision - 1 - at,
    state: at === 0 ? ('rolled-back' as const) : ('succeeded' as const),
  }));
}

const webhook: Answer = (world, name) => {
  const found = world.stacks.find((stack) => stack.name === name);
  if (found === undefined) return missing('stack');
  const path = `/api/hooks/git/${name}`;
  return ok({ name, path, url: `https://overseer.example.com${path}`, secret: 'hook-secret-4711' });
};

const secretList: Answer = (world, _, asked) => {
  const { secretMode: mode, recoveryRecipient } = world;
  const { body } = paged(world.secrets, asked);
  return ok({ ...(body as object), mode, recoveryRecipient });
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
  [/^GET \/stacks\/([^/]+)\/webhook$/, webhook],
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
    (world, _, { query }) => {
      const stack = query.get('stack');
      const all = world.deployments.filter((each) => stack === null || each.stack === stack);
      // Of all stacks the newest only.
      return page(all.flatMap((each) => (stack === null ? newestOf(each) : [...newestOf(each), ...olderOf(each)])));
    },
  ],
  [/^POST \/deployments\/([^/]+)\/(continue|cancel)$/, decide],
  [/^GET \/nodes\/([^/]+)\/projects$/, (world, id) => page(world.projects[id] ?? [])],
  [/^POST \/nodes\/([^/]+)\/projects\/([^/]+)\/adopt$/, adopt],
  [/^POST \/nodes\/([^/]+)\/actions\/prune$/, () => ok({}, 202)],
  [/^GET \/secrets$/, secretList],
  [/^PUT \/secrets\/([^/]+)$/, putSecret],
  [/^DELETE \/secrets\/([^/]+)$/, removeSecret],
];
