// Secrets: set, listed, removed, sealed anew. No route answers with a value.
import type { Bus } from '#infra/nats/bus.ts';
import { inParts } from '#infra/sealing/parts.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { Actor } from '#subjects/schema/actor.ts';
import {
  PutSecretAnswer,
  RewrapBody,
  type RewrapSecret,
  type RewrapSecretAnswer,
  SecretBody,
  SecretList,
  type SecretRecipients,
  SecretRecovery,
} from '#subjects/schema/secret.ts';
import { actorOf } from '../access/authenticate.ts';
import { Done, PageQuery, SecretParams } from '../openapi/shapes.ts';
import type { App, Audited, GatewayParts } from '../parts.ts';
import { keepGiven } from '../refusals.ts';
import { sealedFor, secretBytes, warningsOf } from '../secret-sealing.ts';
import { everyRow, gathered, given } from './pages.ts';

const audited = (action: string): Audited => ({ action, object: ({ name }) => `secrets/${name}` });

/** A deployment for each stack that uses it is stored before the answer. */
const PUT_TIMEOUT_MS = 30_000;

interface NewVersion {
  readonly by: Actor;
  readonly name: string;
  readonly description: string | null;
  readonly value: Buffer;
}

/** @throws OverseerError `conflict` when another version came while they were asked for */
async function everyRecipient(bus: Bus, name: string): Promise<SecretRecipients> {
  let head: SecretRecipients | null = null;
  const nodes = await everyRow(async ({ cursor }) => {
    const { nodes: items, ...more } = await bus.request('secretRecipients', {}, { name, ...given({ cursor }) });
    if (head !== null && head.version !== more.version)
      throw new OverseerError('conflict', `${name} was set meanwhile`);
    head = { ...more, nodes: [] };
    return { items, nextCursor: more.nextCursor };
  });
  return { ...(head as unknown as SecretRecipients), nodes };
}

async function putSealed(bus: Bus, { by, name, description, value }: NewVersion): Promise<PutSecretAnswer> {
  const to = await everyRecipient(bus, name);
  const { version, sealed, nodes } = await sealedFor(name, value, to);
  const [first = [], ...others] = inParts(nodes, sealed.length);
  const input = { by, name, version, description, sealed, nodes: first, more: others.length > 0 };
  const answer = await bus.request('putSecret', {}, input, { timeoutMs: PUT_TIMEOUT_MS });
  return { ...answer, ...(await rewrapped(bus, { by, name, version }, others)) };
}

/** The last part deploys, for all: a deployment for each would take the place of the one before. */
async function rewrapped(
  bus: Bus,
  of: Pick<RewrapSecret, 'by' | 'name' | 'version'>,
  parts: readonly RewrapSecret['nodes'][],
): Promise<RewrapSecretAnswer | null> {
  const stacks = [...new Set(parts.flat().map(({ stack }) => stack))];
  let answer: RewrapSecretAnswer | null = null;
  for (const [index, nodes] of parts.entries()) {
    const isLast = index === parts.length - 1;
    const input = { ...of, nodes, ...(isLast ? { stacks } : { more: true }) };
    answer = await bus.request('rewrapSecret', {}, input, { timeoutMs: PUT_TIMEOUT_MS });
  }
  return answer;
}

/** Sealed once more when somebody else's version came first. */
async function putLast(bus: Bus, wanted: NewVersion): Promise<PutSecretAnswer> {
  try {
    return await putSealed(bus, wanted);
  } catch (error) {
    if (!(error instanceof OverseerError) || error.code !== 'conflict') throw error;
    return putSealed(bus, wanted);
  }
}

export function secretRoutes(app: App, { bus }: GatewayParts): void {
  app.get(
    '/secrets',
    {
      schema: {
        operationId: 'listSecrets',
        summary: 'Secrets with their versions, where they are used, and which nodes wait for them',
        tags: ['secrets'],
        querystring: PageQuery,
        response: { 200: SecretList },
      },
    },
    async ({ query }) => {
      let head: Pick<SecretList, 'mode' | 'recoveryRecipient'> | null = null;
      const page = await gathered(query, async (part) => {
        const { mode, recoveryRecipient, ...rows } = await bus.request('listSecrets', {}, part);
        head = { mode, recoveryRecipient };
        return rows;
      });
      return { ...page, ...(head as unknown as Pick<SecretList, 'mode' | 'recoveryRecipient'>) };
    },
  );

  app.put(
    '/secrets/:name',
    {
      schema: {
        operationId: 'putSecret',
        summary: 'Set a secret, or a new version of it',
        description:
          'Sealed on receipt; no call ever answers with the value. Each stack that uses it is deployed with the new version.',
        tags: ['secrets'],
        params: SecretParams,
        body: SecretBody,
        response: { 202: PutSecretAnswer },
      },
      config: { audit: audited('secret.put') },
    },
    async (request, reply) => {
      const value = secretBytes(request.body);
      try {
        const { name } = request.params;
        const description = request.body.description ?? null;
        const warnings = warningsOf(name, value);
        const answer = await putLast(bus, { by: actorOf(request), name, description, value });
        return reply.code(202).send({ ...answer, warnings: [...warnings, ...answer.warnings] });
      } finally {
        value.fill(0);
      }
    },
  );

  app.delete(
    '/secrets/:name',
    {
      schema: {
        operationId: 'removeSecret',
        summary: 'Forget a secret that no stack uses',
        tags: ['secrets'],
        params: SecretParams,
        response: { 200: Done },
      },
      config: { audit: audited('secret.remove') },
    },
    (request) => bus.request('removeSecret', {}, { by: actorOf(request), name: request.params.name }),
  );

  app.get(
    '/secrets/:name/recovery',
    {
      schema: {
        operationId: 'secretRecovery',
        summary: 'The age file that the recovery identity opens, and the nodes for which it is missing',
        tags: ['secrets'],
        params: SecretParams,
        response: { 200: SecretRecovery },
      },
    },
    async (request) => {
      const found = await bus.request('secretRecovery', {}, request.params);
      // A value leaves the core, sealed as it is: recorded before it is answered.
      const object = `secrets/${request.params.name}`;
      await keepGiven(bus, actorOf(request), 'secret.recover', object, { version: found.version });
      return found;
    },
  );

  app.post(
    '/secrets/:name/rewrap',
    {
      schema: {
        operationId: 'rewrapSecret',
        summary: 'Give nodes a secret they wait for, sealed by the holder of the recovery identity',
        tags: ['secrets'],
        params: SecretParams,
        body: RewrapBody,
        response: { 200: Done },
      },
      config: { audit: audited('secret.rewrap') },
    },
    async (request) => {
      const { version, nodes } = request.body;
      const of = { by: actorOf(request), name: request.params.name, version };
      await rewrapped(
        bus,
        of,
        inParts(nodes).filter(({ length }) => length > 0),
      );
      return {};
    },
  );
}
