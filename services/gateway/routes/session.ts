// The console's session: the admin token once, then a cookie that scripts can't read.
import { OverseerError } from '#subjects/errors.ts';
import { actorOf, operator, requireSameOrigin, SESSION_MARK } from '../access/authenticate.ts';
import { isBrowser } from '../access/origin.ts';
import { Done, Session, SessionRequest } from '../openapi/shapes.ts';
import type { App, GatewayParts } from '../parts.ts';
import { keepRecord } from '../refusals.ts';

/** The token has 256 random bits; this keeps the audit readable, not the token secret. */
const rateLimit = { max: 30, timeWindow: '1 minute' };

export function sessionRoutes(app: App, { bus, access, version }: GatewayParts): void {
  app.post(
    '/session',
    {
      schema: {
        operationId: 'openSession',
        summary: 'Sign in with the admin token',
        tags: ['core'],
        security: [],
        body: SessionRequest,
        response: { 200: Session },
      },
      config: { public: true, rateLimit, audit: { action: 'session.open', object: () => 'session' } },
    },
    async (request) => {
      if (isBrowser(request.headers)) requireSameOrigin(request);
      request.actor = { ...operator(request), id: 'unknown' };
      if (!access.isAdminToken(request.body.token)) throw new OverseerError('unauthorized', 'this token is not valid');
      request.actor = operator(request);
      const record = { actor: request.actor, outcome: 'accepted', code: null, detail: {} } as const;
      await keepRecord(bus, { ...record, action: 'session.open', object: 'session' });
      request.session.set(SESSION_MARK, access.tokenMark);
      return { actor: request.actor.id, version };
    },
  );

  app.get(
    '/session',
    {
      schema: {
        operationId: 'getSession',
        summary: 'Who is signed in',
        tags: ['core'],
        response: { 200: Session },
      },
    },
    async (request) => ({ actor: actorOf(request).id, version }),
  );

  app.delete(
    '/session',
    {
      schema: { operationId: 'closeSession', summary: 'Sign out', tags: ['core'], response: { 200: Done } },
      config: { audit: { action: 'session.close', object: () => 'session' } },
    },
    async (request) => {
      const record = { actor: actorOf(request), outcome: 'accepted', code: null, detail: {} } as const;
      await keepRecord(bus, { ...record, action: 'session.close', object: 'session' });
      request.session.delete();
      return {};
    },
  );
}
