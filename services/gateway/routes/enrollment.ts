// Rights to add a node, and the two calls an agent makes before it has a credential.
import * as z from 'zod/mini';
import { OverseerError } from '#subjects/errors.ts';
import {
  Credential,
  EnrollmentToken,
  EnrollmentTokenSpec,
  Reauthentication,
  Registration,
  RegistrationAnswer,
} from '#subjects/schema/node.ts';
import { actorOf, stranger } from '../access/authenticate.ts';
import { enrollCommand, gatewayUrl, natsServers } from '../addresses.ts';
import { Done, EnrollmentTokenAnswer, IdParams } from '../openapi/shapes.ts';
import type { App, GatewayParts } from '../parts.ts';

/** An address may bring a fleet of a thousand within a minute, and no flood. */
const rateLimit = { max: 3000, timeWindow: '1 minute' };

export function enrollmentRoutes(app: App, { bus, addresses, ca }: GatewayParts): void {
  app.post(
    '/enrollment-tokens',
    {
      schema: {
        operationId: 'createEnrollmentToken',
        summary: 'Make a right to add nodes',
        description: 'The answer is the only place where the token stands.',
        tags: ['nodes'],
        body: z.optional(EnrollmentTokenSpec),
        response: { 201: EnrollmentTokenAnswer },
      },
      config: { audit: { action: 'enrollment-token.create', object: () => 'enrollment-tokens' } },
    },
    async (request, reply) => {
      const url = gatewayUrl(addresses, request.headers.host);
      const input = { by: actorOf(request), spec: request.body ?? {}, url };
      const issued = await bus.request('createEnrollmentToken', {}, input);
      return reply.code(201).send({ ...issued, command: enrollCommand(url, issued.token) });
    },
  );

  app.get(
    '/enrollment-tokens',
    {
      schema: {
        operationId: 'listEnrollmentTokens',
        summary: 'Enrollment tokens, without their secret',
        tags: ['nodes'],
        response: { 200: z.strictObject({ items: z.array(EnrollmentToken) }) },
      },
    },
    () => bus.request('listEnrollmentTokens', {}, {}),
  );

  app.delete(
    '/enrollment-tokens/:id',
    {
      schema: {
        operationId: 'revokeEnrollmentToken',
        summary: 'Make an enrollment token worthless',
        tags: ['nodes'],
        params: IdParams,
        response: { 200: Done },
      },
      config: { audit: { action: 'enrollment-token.revoke', object: ({ id }) => `enrollment-tokens/${id}` } },
    },
    (request) => bus.request('revokeEnrollmentToken', {}, { by: actorOf(request), id: request.params.id }),
  );

  app.post(
    '/nodes/register',
    {
      schema: {
        operationId: 'registerNode',
        summary: 'Redeem an enrollment token',
        description: 'For agents. The same key with the same token gets the same node again.',
        tags: ['nodes'],
        security: [],
        body: Registration,
        response: { 201: RegistrationAnswer },
      },
      config: { public: true, rateLimit, audit: { action: 'node.register', object: () => 'nodes' } },
    },
    async (request, reply) => {
      request.actor = stranger(request, request.body.publicKey);
      const input = { by: request.actor, registration: request.body };
      const registered = await bus.request('registerNode', {}, input);
      const nats = { servers: natsServers(addresses, request.headers.host), ca: ca() };
      return reply.code(201).send({ ...registered, nats });
    },
  );

  app.post(
    '/nodes/:id/credential',
    {
      schema: {
        operationId: 'reauthenticateNode',
        summary: 'A new credential for a node that was away longer than its old one lived',
        description: "For agents. The node's key signs its id and the time.",
        tags: ['nodes'],
        security: [],
        params: IdParams,
        body: Reauthentication,
        response: { 200: Credential },
      },
      config: {
        public: true,
        rateLimit,
        audit: { action: 'credential.reauthenticate', object: ({ id }) => `nodes/${id}` },
      },
    },
    async (request) => {
      const { id } = request.params;
      request.actor = stranger(request, id);
      if (request.body.node !== id) {
        throw new OverseerError('invalid-input', 'the body names another node than the address');
      }
      const input = { by: request.actor, reauthentication: request.body };
      return bus.request('reauthenticateNode', {}, input);
    },
  );
}
