// How bodies are read: JSON, and nothing at all where a client names JSON and sends none, as many do with POST and DELETE.
import type { FastifyRequest } from 'fastify';
import type { App } from './parts.ts';

/** Whoever needs a body says so in its schema; none is no fault by itself. */
export function readBodies(app: App): void {
  const parsed = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else parsed(request as FastifyRequest, body as string, done);
  });
}
