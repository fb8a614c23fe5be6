// Stacks: what should run, and where.
import {
  PutStackAnswer,
  RemoveStackAnswer,
  RevisionDetail,
  RevisionList,
  StackDetail,
  StackList,
  StackSpec,
} from '#subjects/schema/stack.ts';
import { actorOf } from '../access/authenticate.ts';
import { NameParams, PutStackConditions, RemoveStackQuery, RevisionParams, StackQuery } from '../openapi/shapes.ts';
import type { App, Audited, GatewayParts } from '../parts.ts';
import { gathered, given } from './pages.ts';

const audited = (action: string): Audited => ({ action, object: ({ name }) => `stacks/${name}` });

/** A repository is fetched and registries are asked before it is stored; proxies seldom wait for more than a minute. */
const PUT_TIMEOUT_MS = 50_000;
/** The scheduler's answer that it was too late comes before we give up, so that nothing is stored unheard. */
const PUT_WITHIN_MS = PUT_TIMEOUT_MS - 5_000;

function onRevision(headers: Readonly<Record<string, unknown>>): number | null {
  if (headers['if-none-match'] === '*') return 0;
  const match = headers['if-match'];
  return typeof match === 'string' ? Number(match.slice(1, -1)) : null;
}

export function stackRoutes(app: App, { bus }: GatewayParts): void {
  app.get(
    '/stacks',
    {
      schema: {
        operationId: 'listStacks',
        summary: 'Stacks with what nodes reported of them',
        tags: ['stacks'],
        querystring: StackQuery,
        response: { 200: StackList },
      },
    },
    ({ query: { node, ...page } }) =>
      gathered(page, (part) => bus.request('listStacks', {}, { ...given({ node }), ...part })),
  );

  app.get(
    '/stacks/:name',
    {
      schema: {
        operationId: 'getStack',
        summary: 'One stack with its newest specification',
        description: '`ETag` is its revision, for `If-Match` when it is put.',
        tags: ['stacks'],
        params: NameParams,
        response: { 200: StackDetail },
      },
    },
    async (request, reply) => {
      const { compose, ...stack } = await bus.request('getStack', {}, request.params);
      const whole = { ...stack, compose: compose ?? stack.spec.compose ?? '' };
      return reply.header('etag', `"${stack.revision}"`).send(whole);
    },
  );

  app.get(
    '/stacks/:name/revisions',
    {
      schema: {
        operationId: 'listRevisions',
        summary: 'Revisions of a stack, newest first',
        tags: ['stacks'],
        params: NameParams,
        response: { 200: RevisionList },
      },
    },
    (request) => bus.request('listRevisions', {}, request.params),
  );

  app.get(
    '/stacks/:name/revisions/:revision',
    {
      schema: {
        operationId: 'getRevision',
        summary: 'One revision with its compose text and files',
        description: 'Of its values only the names.',
        tags: ['stacks'],
        params: RevisionParams,
        response: { 200: RevisionDetail },
      },
    },
    (request) => bus.request('getRevision', {}, request.params),
  );

  app.put(
    '/stacks/:name',
    {
      schema: {
        operationId: 'putStack',
        summary: 'Store a new revision of a stack and send it to its nodes',
        description:
          '202: stored, the deployment goes its way. 200: the same content was there already. 412: `If-Match` named another ' +
          'revision than the newest, or `If-None-Match: *` was sent and there is such a stack.',
        tags: ['stacks'],
        params: NameParams,
        headers: PutStackConditions,
        body: StackSpec,
        response: { 200: PutStackAnswer, 202: PutStackAnswer },
      },
      config: { audit: audited('stack.put') },
    },
    async (request, reply) => {
      const { params, body, headers } = request;
      const input = {
        ...{ by: actorOf(request), name: params.name, spec: body },
        ...{ onRevision: onRevision(headers), withinMs: PUT_WITHIN_MS },
      };
      const answer = await bus.request('putStack', {}, input, { timeoutMs: PUT_TIMEOUT_MS });
      return reply.code(answer.changed ? 202 : 200).send(answer);
    },
  );

  app.delete(
    '/stacks/:name',
    {
      schema: {
        operationId: 'removeStack',
        summary: 'Take a stack away from all its nodes',
        description: 'Named volumes stay unless `volumes=true`.',
        tags: ['stacks'],
        params: NameParams,
        querystring: RemoveStackQuery,
        response: { 202: RemoveStackAnswer },
      },
      config: { audit: audited('stack.remove') },
    },
    async (request, reply) => {
      const { name } = request.params;
      const volumes = request.query.volumes === 'true';
      return reply.code(202).send(await bus.request('removeStack', {}, { by: actorOf(request), name, volumes }));
    },
  );
}
