// Nodes: who they are, how they do, and what an operator may change about them.
import { OverseerError } from '#subjects/errors.ts';
import { Node, NodeConfigPatch, NodeList } from '#subjects/schema/node.ts';
import { actorOf } from '../access/authenticate.ts';
import { Done, IdParams, NodeStatus, PageQuery } from '../openapi/shapes.ts';
import type { App, Audited, GatewayParts } from '../parts.ts';
import { gathered, given } from './pages.ts';

const audited = (action: string): Audited => ({ action, object: ({ id }) => `nodes/${id}` });

export function nodeRoutes(app: App, { bus }: GatewayParts): void {
  app.get(
    '/nodes',
    {
      schema: {
        operationId: 'listNodes',
        summary: 'Nodes with their liveness',
        tags: ['nodes'],
        querystring: PageQuery,
        response: { 200: NodeList },
      },
    },
    (request) => gathered(request.query, (page) => bus.request('listNodes', {}, page)),
  );

  app.get(
    '/nodes/:id',
    {
      schema: {
        operationId: 'getNode',
        summary: 'One node',
        tags: ['nodes'],
        params: IdParams,
        response: { 200: Node },
      },
    },
    (request) => bus.request('getNode', {}, request.params),
  );

  app.get(
    '/nodes/:id/status',
    {
      schema: {
        operationId: 'getNodeStatus',
        summary: 'What a node should run beside what it reported',
        tags: ['nodes'],
        params: IdParams,
        response: { 200: NodeStatus },
      },
    },
    async (request) => {
      const { id } = request.params;
      const [node, desired] = await Promise.all([
        bus.request('getNode', {}, { id }),
        bus.request('getNodeDesired', {}, { id }).catch((error: unknown) => {
          // Registered a moment ago: the scheduler hears of it by an event.
          if (error instanceof OverseerError && error.code === 'node-not-found') return nothingDesired(id);
          throw error;
        }),
      ]);
      const { name, liveness, lastSeenAt, facts } = node;
      const heartbeatAgeSeconds = lastSeenAt === null ? null : Math.max(0, Date.now() - Date.parse(lastSeenAt)) / 1000;
      return { ...desired, name, liveness, lastSeenAt, heartbeatAgeSeconds, resources: facts };
    },
  );

  app.put(
    '/nodes/:id/config',
    {
      schema: {
        operationId: 'configureNode',
        summary: 'Change name, labels or settings of a node',
        tags: ['nodes'],
        params: IdParams,
        body: NodeConfigPatch,
        response: { 200: Node },
      },
      config: { audit: audited('node.configure') },
    },
    (request) => {
      const { id } = request.params;
      return bus.request('configureNode', {}, { by: actorOf(request), id, config: given(request.body) });
    },
  );

  app.post(
    '/nodes/:id/drain',
    {
      schema: {
        operationId: 'drainNode',
        summary: 'Take the stacks of a node away and give it no new ones',
        description: 'Undone by `drained: false` in its config.',
        tags: ['nodes'],
        params: IdParams,
        response: { 200: Node },
      },
      config: { audit: audited('node.configure') },
    },
    (request) => {
      const { id } = request.params;
      return bus.request('configureNode', {}, { by: actorOf(request), id, config: { drained: true } });
    },
  );

  app.post(
    '/nodes/:id/credential/rotate',
    {
      schema: {
        operationId: 'rotateNodeCredential',
        summary: 'Have a node renew its credential now',
        tags: ['nodes'],
        params: IdParams,
        response: { 202: Done },
      },
      config: { audit: audited('credential.rotate') },
    },
    async (request, reply) => {
      const { id } = request.params;
      return reply.code(202).send(await bus.request('rotateCredential', {}, { by: actorOf(request), id }));
    },
  );

  app.delete(
    '/nodes/:id',
    {
      schema: {
        operationId: 'removeNode',
        summary: 'Deregister a node',
        description: 'Its credential is revoked and its connection cut before the answer. Its containers run on.',
        tags: ['nodes'],
        params: IdParams,
        response: { 200: Done },
      },
      config: { audit: audited('node.remove') },
    },
    (request) => bus.request('removeNode', {}, { by: actorOf(request), id: request.params.id }),
  );
}

function nothingDesired(node: string) {
  return { node, desired: null, observedGeneration: null, reportedAt: null, stacks: [], conditions: [] };
}
