// Who calls, decided before a byte of the body is read: the admin token as bearer, or the console's session cookie.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { OverseerError } from '#subjects/errors.ts';
import type { Actor } from '#subjects/schema/actor.ts';
import { isSameOrigin } from './origin.ts';
import type { Access } from './tokens.ts';

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);
/** More is no token of ours, and not worth a digest. */
const TOKEN_MAX = 512;

/** The mark in the cookie of an open session. */
export const SESSION_MARK = 'mark';

export function operator(request: FastifyRequest): Actor {
  return { kind: 'operator', id: 'admin', origin: request.ip, requestId: request.id };
}

/** Whoever calls without a token: an agent that enrolls or comes back. */
export function stranger(request: FastifyRequest, id: string): Actor {
  return { kind: 'node', id, origin: request.ip, requestId: request.id };
}

/** The actor of an authenticated request. */
export function actorOf(request: FastifyRequest): Actor {
  if (request.actor === null) throw new OverseerError('unauthorized', 'nobody is signed in');
  return request.actor;
}

export function changesState(request: FastifyRequest): boolean {
  return !READING.has(request.method);
}

export function requireSameOrigin(request: FastifyRequest): void {
  if (isSameOrigin(request.headers)) return;
  throw new OverseerError('forbidden', 'a signed-in browser may change things only from the console itself');
}

export function hasSession(request: FastifyRequest, access: Access): boolean {
  return request.session.get(SESSION_MARK) === access.tokenMark;
}

export function authenticator(access: Access) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (request.routeOptions.config?.public) return;
    const { authorization } = request.headers;
    if (authorization !== undefined) {
      const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '';
      if (token !== '' && token.length <= TOKEN_MAX && access.isAdminToken(token)) {
        request.actor = operator(request);
        return;
      }
    } else if (hasSession(request, access)) {
      request.actor = operator(request);
      if (changesState(request)) requireSameOrigin(request);
      return;
    }
    reply.header('www-authenticate', 'Bearer realm="overseer"');
    throw new OverseerError(
      'unauthorized',
      authorization === undefined ? 'send the admin token as bearer, or sign in' : 'this token is not valid',
    );
  };
}
