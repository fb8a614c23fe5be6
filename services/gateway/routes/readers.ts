// Readers: third parties that receive events or audit records over NATS, with a credential for a key of their own.
import { ReaderList, ReaderSpec } from '#subjects/schema/reader.ts';
import { actorOf } from '../access/authenticate.ts';
import { natsServers } from '../addresses.ts';
import { ReaderAnswer, ReaderParams } from '../openapi/notice-shapes.ts';
import { Done } from '../openapi/shapes.ts';
import type { App, GatewayParts } from '../parts.ts';

/** The server has a durable more, or a revocation, before the answer. */
const CHANGE_TIMEOUT_MS = 30_000;

export function readerRoutes(app: App, { bus, addresses, ca }: GatewayParts): void {
  app.post(
    '/readers',
    {
      schema: {
        operationId: 'createReader',
        summary: 'Let a third party read events or audit records over NATS',
        description:
          'The seed of the key stays with whoever made it: give the public part of a user NKey (`nk -gen user -pubout`), ' +
          'or let `overseer reader create` make one. The answer holds no secret. The same name with the same key, role and ' +
          'filters gets the same reader again.',
        tags: ['readers'],
        body: ReaderSpec,
        response: { 201: ReaderAnswer },
      },
      config: { audit: { action: 'reader.create', object: () => 'readers' } },
    },
    async (request, reply) => {
      const input = { by: actorOf(request), spec: request.body };
      const issued = await bus.request('createReader', {}, input, { timeoutMs: CHANGE_TIMEOUT_MS });
      const servers = natsServers(addresses, request.headers.host).map((server) => `tls://${server}`);
      return reply.code(201).send({ ...issued, servers, ca: ca() });
    },
  );

  app.get(
    '/readers',
    {
      schema: {
        operationId: 'listReaders',
        summary: 'Readers, expired ones too',
        tags: ['readers'],
        response: { 200: ReaderList },
      },
    },
    () => bus.request('listReaders', {}, {}),
  );

  app.delete(
    '/readers/:name',
    {
      schema: {
        operationId: 'removeReader',
        summary: 'Void the credential of a reader and forget its place',
        description: 'Its live connection is cut before the answer.',
        tags: ['readers'],
        params: ReaderParams,
        response: { 200: Done },
      },
      config: { audit: { action: 'reader.remove', object: ({ name }) => `readers/${name}` } },
    },
    (request) => {
      const input = { by: actorOf(request), name: request.params.name };
      return bus.request('removeReader', {}, input, { timeoutMs: CHANGE_TIMEOUT_MS });
    },
  );
}
