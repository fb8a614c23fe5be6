// Webhooks of forges: whoever knows the stack's webhook secret may say that its repository changed. And where that secret is
// to be read by its operator.
import type { FastifyRequest } from 'fastify';
import { OverseerError } from '#subjects/errors.ts';
import type { Actor } from '#subjects/schema/actor.ts';
import type { GitHook } from '#subjects/schema/source.ts';
import { actorOf } from '../access/authenticate.ts';
import { gatewayUrl } from '../addresses.ts';
import { Done, NameParams, Webhook } from '../openapi/shapes.ts';
import type { App, GatewayParts } from '../parts.ts';
import { keepGiven } from '../refusals.ts';

/** A push of many commits; more is no hook. */
const HOOK_MAX_BYTES = 256 * 1024;
const HEADER_MAX = 200;
/** Forges tell each push once; this keeps guessing, and the audit of guesses, small. */
const rateLimit = { max: 60, timeWindow: '1 minute' };

function header(request: FastifyRequest, name: string): string | null {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' && value.length <= HEADER_MAX ? value : null;
}

/** Gitea's own header holds the bare hex of the same HMAC. */
function signatureOf(request: FastifyRequest): string | null {
  const bare = header(request, 'x-gitea-signature');
  return header(request, 'x-hub-signature-256') ?? (bare === null ? null : `sha256=${bare.slice(0, HEADER_MAX - 7)}`);
}

function forge(request: FastifyRequest): Actor {
  return { kind: 'system', id: 'webhook', origin: request.ip, requestId: request.id };
}

/** One answer for every fault: a stranger does not learn which stacks there are. */
const refused = (cause?: unknown) =>
  new OverseerError('unauthorized', 'the signature does not fit', cause === undefined ? {} : { cause });

export function hookRoutes(app: App, { bus, addresses }: GatewayParts): void {
  app.get(
    '/stacks/:name/webhook',
    {
      schema: {
        operationId: 'getWebhook',
        summary: "The address and secret to give a forge for a stack's webhook",
        description: 'The same at every call. 200: for GitHub, Gitea, Forgejo (secret) and GitLab (token) alike.',
        tags: ['stacks'],
        params: NameParams,
        response: { 200: Webhook },
      },
    },
    async (request) => {
      const found = await bus.request('webhookSecret', {}, request.params);
      await keepGiven(bus, actorOf(request), 'stack.webhook', `stacks/${request.params.name}`);
      return { ...found, url: `${gatewayUrl(addresses, request.headers.host)}${found.path}` };
    },
  );

  // Within a room of its own: here a body is bytes, whatever it calls itself, because the signature covers them.
  app.register(async (inner) => {
    const room = inner as unknown as App;
    room.removeAllContentTypeParsers();
    const parser = { parseAs: 'buffer', bodyLimit: HOOK_MAX_BYTES } as const;
    room.addContentTypeParser('*', parser, (_, body, done) => done(null, body));
    room.post(
      '/hooks/git/:name',
      {
        bodyLimit: HOOK_MAX_BYTES,
        schema: {
          operationId: 'receiveGitHook',
          summary: 'A forge says that a repository changed',
          description:
            'For GitHub, Gitea and Forgejo (`X-Hub-Signature-256` or `X-Gitea-Signature`: HMAC-SHA-256 of the body) and ' +
            'GitLab (`X-Gitlab-Token`). 202: taken, the work comes later. 401: the signature does not fit, or there is no ' +
            'such stack. 413: the body has more than 256 KiB.',
          tags: ['stacks'],
          security: [],
          params: NameParams,
          response: { 202: Done },
        },
        config: { public: true, rateLimit, audit: { action: 'stack.hook', object: ({ name }) => `stacks/${name}` } },
      },
      async (request, reply) => {
        request.actor = forge(request);
        const body = Buffer.isBuffer(request.body) ? request.body.toString('base64') : '';
        const hook: GitHook = {
          name: request.params.name,
          signature: signatureOf(request),
          token: header(request, 'x-gitlab-token'),
          body,
        };
        if (hook.signature === null && hook.token === null) throw refused();
        const answer = await bus.request('gitHook', {}, hook).catch((error: unknown) => {
          if (error instanceof OverseerError && error.code.endsWith('not-found')) throw refused(error);
          throw error;
        });
        if (!answer.accepted) throw refused(answer.reason ?? undefined);
        return reply.code(202).send({});
      },
    );
  });
}
