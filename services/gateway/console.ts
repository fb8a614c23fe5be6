// The built console: its files, and its one page for every address that is no file and no call of the API.
import { statSync } from 'node:fs';
import { join, normalize, sep } from 'node:path';
import fastifyStatic from '@fastify/static';
import { OverseerError } from '#subjects/errors.ts';
import type { App, GatewayParts } from './parts.ts';

const NOT_BUILT = 'The console is not built. Ask `npm run -s overseer -- status` instead.\n';
/** Vite names these by their content. */
const FOREVER = 'public, max-age=31536000, immutable';

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** Path of a file below the root; null when there is none. */
function fileAt(root: string, address: string): string | null {
  let path: string;
  try {
    path = decodeURIComponent(address);
  } catch {
    return null;
  }
  if (path.includes('\0')) return null;
  const whole = normalize(join(root, path));
  return whole.startsWith(root + sep) && isFile(whole) ? whole.slice(root.length + 1) : null;
}

export async function consoleRoutes(app: App, { consoleRoot }: Pick<GatewayParts, 'consoleRoot'>): Promise<void> {
  // No route of its own: one for everything would answer calls of the API that do not exist, before they are refused.
  await app.register(fastifyStatic, { root: consoleRoot, serve: false, cacheControl: false });

  // Looked up at each request, so that a console built after the start is found.
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? '';
    const isReading = request.method === 'GET' || request.method === 'HEAD';
    const file = isReading ? fileAt(consoleRoot, path) : null;
    if (file !== null) {
      reply.header('cache-control', file.startsWith(`assets${sep}`) ? FOREVER : 'no-cache');
      return reply.sendFile(file);
    }
    const isPage = isReading && !/\.[a-z0-9]{1,8}$/i.test(path);
    if (!isPage) throw new OverseerError('not-found', `there is nothing at ${path.slice(0, 200)}`);
    if (!isFile(join(consoleRoot, 'index.html'))) {
      return reply.code(404).type('text/plain; charset=utf-8').send(NOT_BUILT);
    }
    return reply.header('cache-control', 'no-cache').sendFile('index.html');
  });
}
