// The calls the console makes, answered from the world.
import { type Answer, type Answered, type Asked, missing, ok, page, paged, problem, type Route } from './answered.ts';
import { CHANGES } from './changes.ts';
import { idOf } from './ids.ts';
import { LOGS } from './logs.ts';
import { RECEIVERS } from './receivers.ts';
import { statusOf } from './stacks.ts';
import type { World } from './world.ts';

/** What is online has just been heard of, each in its own beat. */
function beating(node: World['nodes'][number]): World['nodes'][number] {
  if (node.liveness !== 'online') return node;
  const beat = node.heartbeatSeconds * 1000;
  const now = Date.now();
  return { ...node, lastSeenAt: new Date(now - ((now + node.name.length * 1700) % beat)).toISOString() };
}

const putStack: Answer = (world, name, { body, seen }) => {
  if (/^\t/m.test(body.compose ?? '')) {
    const line = body.compose.split('\n').findIndex((text: string) => text.startsWith('\t')) + 1;
    const detail = 'Tabs are not allowed as indentation';
    return problem(422, 'compose-malformed', 'The compose text is not YAML', detail, { line, column: 1 });
  }
  const held = world.stacks.find((stack) => stack.name === name);
  if (seen !== null && (seen === '*' ? held !== undefined : seen !== `"${held?.revision}"`)) {
    const detail = held === undefined ? `there is no stack ${name}` : `revision ${held.revision} is the newest`;
    return problem(412, 'revision-moved', 'Another revision is the newest', detail);
  }
  const same = held !== undefined && held.spec.compose === body.compose && held.spec.state === body.state;
  if (same) return ok({ name, revision: held.revision, deployment: held.deployment, changed: false, warnings: [] });
  return ok({ name, revision: 1, deployment: world.deployments[3]?.id ?? null, changed: true, warnings: [] }, 202);
};

const ROUTES: readonly Route[] = [
  ...CHANGES,
  ...LOGS,
  ...RECEIVERS,
  [/^GET \/nodes$/, (world, _, asked) => paged(world.nodes.map(beating), asked)],
  [
    /^GET \/nodes\/([^/]+)$/,
    (world, id) => {
      const node = world.nodes.find((each) => each.id === id);
      return node === undefined ? missing('node') : ok(beating(node));
    },
  ],
  [
    /^GET \/nodes\/([^/]+)\/status$/,
    (world, id) => {
      const node = world.nodes.find((each) => each.id === id);
      return node === undefined ? missing('node') : ok(statusOf(node, world.stacks, Date.now()));
    },
  ],
  [
    /^PUT \/nodes\/([^/]+)\/config$/,
    (world, id, { body }) => {
      world.nodes = world.nodes.map((node) => (node.id === id ? { ...node, ...body } : node));
      return ok(world.nodes.find((node) => node.id === id));
    },
  ],
  [
    /^DELETE \/nodes\/([^/]+)$/,
    (world, id) => {
      world.nodes = world.nodes.filter((node) => node.id !== id);
      return ok({});
    },
  ],
  [/^POST \/nodes\/([^/]+)\/credential\/rotate$/, () => ok({}, 202)],
  [
    /^GET \/stacks$/,
    (world, _, asked) =>
      paged(
        world.stacks.map(({ spec: _spec, ...stack }) => stack),
        asked,
      ),
  ],
  [
    /^GET \/stacks\/([^/]+)$/,
    (world, name) => {
      const stack = world.stacks.find((each) => each.name === name);
      return stack === undefined ? missing('stack') : ok(stack);
    },
  ],
  [
    /^GET \/stacks\/([^/]+)\/revisions$/,
    (world, name) => {
      const stack = world.stacks.find((each) => each.name === name);
      if (stack === undefined) return missing('stack');
      const numbers = Array.from({ length: stack.revision }, (_, at) => stack.revision - at);
      return page(
        numbers.map((revision) => ({
          revision,
          hash: idOf('hash', revision)
            .replace(/[^a-f0-9]/g, '0')
            .padEnd(64, 'c'),
          createdAt: stack.updatedAt,
          createdBy: 'admin',
          deployment: revision === stack.revision ? stack.deployment : idOf(`deployment of ${name}`, revision),
          commit: stack.source === null ? null : idOf('commit', revision).toLowerCase().padEnd(40, '0'),
        })),
      );
    },
  ],
  [/^PUT \/stacks\/([^/]+)$/, putStack],
  [/^DELETE \/stacks\/([^/]+)$/, (world, name) => ok({ name, deployment: world.deployments[0]?.id ?? '' }, 202)],
  [
    /^GET \/deployments\/([^/]+)$/,
    (world, id) => {
      const deployment = world.deployments.find((each) => each.id === id);
      return deployment === undefined ? missing('deployment') : ok(deployment);
    },
  ],
  [/^GET \/events$/, (world, _, asked) => paged(world.events, asked)],
  [/^GET \/audit$/, (world, _, asked) => paged(world.audit, asked)],
  [
    /^POST \/enrollment-tokens$/,
    (world, _, { body }) => {
      const id = idOf('token', world.tokens.length);
      const expiresAt = new Date(Date.now() + body.ttlSeconds * 1000).toISOString();
      world.tokens.push({
        id,
        name: body.name ?? null,
        labels: body.labels ?? {},
        uses: 1,
        used: 0,
        createdAt: new Date().toISOString(),
        expiresAt,
        revokedAt: null,
      });
      const token = `ovs_enr_${'QWxsIHRoYXQgYSBub2RlIG5lZWRz'.repeat(9)}.${'c2lnbmF0dXJl'.repeat(7)}`;
      return ok(
        {
          id,
          token,
          expiresAt,
          command: `OVERSEER_TOKEN=${token} npm run -s agent -- enroll --url http://127.0.0.1:7700 && npm run -s agent -- run`,
        },
        201,
      );
    },
  ],
  [/^GET \/enrollment-tokens$/, (world) => ok({ items: world.tokens })],
  [
    /^DELETE \/enrollment-tokens\/([^/]+)$/,
    (world, id) => {
      world.tokens = world.tokens.filter((token) => token.id !== id);
      return ok({});
    },
  ],
];

export function answer(world: World, asked: Asked): Answered {
  for (const [pattern, reply] of ROUTES) {
    const match = pattern.exec(`${asked.method} ${asked.path}`);
    if (match !== null)
      return reply(world, decodeURIComponent(match[1] ?? ''), asked, decodeURIComponent(match[2] ?? ''));
  }
  return problem(404, 'not-found', 'There is nothing here', `there is nothing at ${asked.path}`);
}
