// What is asked of stacks that are there: a plan, a way back, actions, a look at where they come from.
import { type ActionBody, ActOnStackAnswer, STACK_ACTIONS } from '#subjects/schema/action.ts';
import { StackPlan } from '#subjects/schema/plan.ts';
import { SyncStackAnswer } from '#subjects/schema/source.ts';
import { PutStackAnswer } from '#subjects/schema/stack.ts';
import { actorOf } from '../access/authenticate.ts';
import { ActionParams, NameParams, OptionalActionBody, OptionalRollbackBody, OptionalSpec } from '../openapi/shapes.ts';
import type { App, Audited, GatewayParts } from '../parts.ts';

const onStack = (action: string): Audited => ({ action, object: ({ name }) => `stacks/${name}` });

/** Nodes are asked, and Docker Compose on each thinks for a while. */
const PLAN_TIMEOUT_MS = 30_000;
const ROLLBACK_TIMEOUT_MS = 20_000;
const ACTION_TIMEOUT_MS = 20_000;
/** A repository is fetched, registries are asked. */
const SYNC_TIMEOUT_MS = 120_000;

export function actionRoutes(app: App, { bus }: GatewayParts): void {
  app.post(
    '/stacks/:name/plan',
    {
      schema: {
        operationId: 'planStack',
        summary: 'What a deployment would change on each node',
        description:
          'With a specification: what storing it would do. Without a body: what the present one would still change. ' +
          'Changes nothing. 200: the plan; nodes that are away are named and `parked`, those that can not tell are `failed`.',
        tags: ['stacks'],
        params: NameParams,
        body: OptionalSpec,
        response: { 200: StackPlan },
      },
    },
    (request) => {
      const input = { name: request.params.name, spec: request.body ?? null };
      return bus.request('planStack', {}, input, { timeoutMs: PLAN_TIMEOUT_MS });
    },
  );

  app.post(
    '/stacks/:name/rollback',
    {
      schema: {
        operationId: 'rollbackStack',
        summary: 'Go back to an earlier revision',
        description:
          'To the newest that succeeded before the present one, unless `revision` names another. Its content becomes the ' +
          'newest revision; volumes stay. 202: stored, the deployment goes its way. 200: the same content is there already.',
        tags: ['stacks'],
        params: NameParams,
        body: OptionalRollbackBody,
        response: { 200: PutStackAnswer, 202: PutStackAnswer },
      },
      config: { audit: onStack('stack.rollback') },
    },
    async (request, reply) => {
      const input = { by: actorOf(request), name: request.params.name, revision: request.body?.revision ?? null };
      const answer = await bus.request('rollbackStack', {}, input, { timeoutMs: ROLLBACK_TIMEOUT_MS });
      return reply.code(answer.changed ? 202 : 200).send(answer);
    },
  );

  app.post(
    '/stacks/:name/actions/:action',
    {
      schema: {
        operationId: 'actOnStack',
        summary: `Act on a stack: ${STACK_ACTIONS.join(', ')}`,
        description:
          'On all of its nodes unless `nodes` names some. `stop`, `start` and `scale` are state and outlive a restart of ' +
          'anything; `restart` and `pull` happen once. `scale` needs exactly one of `services`, and `replicas`. ' +
          '202: on its way as a deployment. 200: it was so already.',
        tags: ['stacks'],
        params: ActionParams,
        body: OptionalActionBody,
        response: { 200: ActOnStackAnswer, 202: ActOnStackAnswer },
      },
      config: { audit: onStack('stack.act') },
    },
    async (request, reply) => {
      const { name, action } = request.params;
      const body: ActionBody = request.body ?? {};
      const input = { by: actorOf(request), name, action, body };
      const answer = await bus.request('actOnStack', {}, input, { timeoutMs: ACTION_TIMEOUT_MS });
      return reply.code(answer.changed ? 202 : 200).send(answer);
    },
  );

  app.post(
    '/stacks/:name/sync',
    {
      schema: {
        operationId: 'syncStack',
        summary: "Look at a stack's git source and registries now",
        description:
          'What moved is deployed as the policies of the stack say. 202: a new revision is on its way. 200: nothing has moved.',
        tags: ['stacks'],
        params: NameParams,
        response: { 200: SyncStackAnswer, 202: SyncStackAnswer },
      },
      config: { audit: onStack('stack.sync') },
    },
    async (request, reply) => {
      const input = { by: actorOf(request), name: request.params.name };
      const answer = await bus.request('syncStack', {}, input, { timeoutMs: SYNC_TIMEOUT_MS });
      return reply.code(answer.changed ? 202 : 200).send(answer);
    },
  );
}
