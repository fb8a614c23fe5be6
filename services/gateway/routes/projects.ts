// What is on a node beside its stacks: Compose projects that can be adopted, and images that nothing needs.
import { ProjectList } from '#subjects/schema/project.ts';
import { PutStackAnswer } from '#subjects/schema/stack.ts';
import { actorOf } from '../access/authenticate.ts';
import { Done, IdParams, OptionalPruneBody, ProjectParams } from '../openapi/shapes.ts';
import type { App, GatewayParts } from '../parts.ts';

/** The node is asked, and reads every project's files. */
const PROJECTS_TIMEOUT_MS = 20_000;
const ADOPT_TIMEOUT_MS = 40_000;

export function projectRoutes(app: App, { bus }: GatewayParts): void {
  app.get(
    '/nodes/:id/projects',
    {
      schema: {
        operationId: 'listProjects',
        summary: 'Compose projects on a node that no stack names',
        description:
          'Asks the node. 200: each with what stands in the way of adopting it, if anything. 503: the node is away.',
        tags: ['nodes'],
        params: IdParams,
        response: { 200: ProjectList },
      },
    },
    (request) => bus.request('listProjects', {}, { node: request.params.id }, { timeoutMs: PROJECTS_TIMEOUT_MS }),
  );

  app.post(
    '/nodes/:id/projects/:name/adopt',
    {
      schema: {
        operationId: 'adoptProject',
        summary: 'Make a running Compose project a stack, where it is and as it is',
        description:
          'No container is made anew when nothing differs. 202: it is a stack now, its first deployment goes its way. ' +
          '404: there is no such project. 409: a stack has that name. 422: it can not be adopted, and why.',
        tags: ['nodes'],
        params: ProjectParams,
        response: { 202: PutStackAnswer },
      },
      config: { audit: { action: 'project.adopt', object: ({ id, name }) => `nodes/${id}/projects/${name}` } },
    },
    async (request, reply) => {
      const { id, name } = request.params;
      const input = { by: actorOf(request), node: id, project: name };
      return reply.code(202).send(await bus.request('adoptProject', {}, input, { timeoutMs: ADOPT_TIMEOUT_MS }));
    },
  );

  app.post(
    '/nodes/:id/actions/prune',
    {
      schema: {
        operationId: 'pruneNode',
        summary: 'Have a node remove images that nothing needs',
        description:
          '`dangling` (unless said): those without a name. `unused`: all that no stack, no last good revision and no ' +
          'container needs. 202: the node does it now and tells it as an event. 503: the node is away.',
        tags: ['nodes'],
        params: IdParams,
        body: OptionalPruneBody,
        response: { 202: Done },
      },
      config: { audit: { action: 'node.prune', object: ({ id }) => `nodes/${id}` } },
    },
    async (request, reply) => {
      const input = { by: actorOf(request), node: request.params.id, images: request.body?.images ?? 'dangling' };
      return reply.code(202).send(await bus.request('pruneNode', {}, input));
    },
  );
}
