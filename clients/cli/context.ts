// Which core, and by which token. Of flag, environment and the checkout's own files the first that is there counts.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Connection } from '#clients/sdk/client.ts';
import { EXIT, Failure } from './failure.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

function ownUrl(environment: Environment): string {
  const listens = environment['OVERSEER_HTTP'] ?? '127.0.0.1:7700';
  return `http://${listens.replace(/^(0\.0\.0\.0|\[::\]):/, '127.0.0.1:')}`;
}

/** @throws Failure when it is no URL */
function gatewayUrl(flag: string | undefined, environment: Environment): URL {
  const text = flag ?? environment['OVERSEER_URL'] ?? ownUrl(environment);
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url && /^https?:$/.test(url.protocol)) return url;
  throw new Failure(EXIT.usage, `${text} is not the URL of a core.`, 'It looks like http://127.0.0.1:7700');
}

function tokenIn(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new Failure(EXIT.access, `The token can't be read: ${error instanceof Error ? error.message : error}`);
  }
}

export function connectionOf(flag: string | undefined, environment: Environment, folder: string): Connection {
  const url = gatewayUrl(flag, environment);
  const connection = (token: string | null) => ({ url: url.origin, token });
  const { OVERSEER_TOKEN, OVERSEER_TOKEN_FILE, OVERSEER_DATA } = environment;
  if (OVERSEER_TOKEN) return connection(OVERSEER_TOKEN);
  if (OVERSEER_TOKEN_FILE) return connection(tokenIn(resolve(folder, OVERSEER_TOKEN_FILE)));
  // The token of this machine's core is for this machine's core.
  if (!LOOPBACK.has(url.hostname)) return connection(null);
  const own = join(resolve(folder, OVERSEER_DATA ?? '.overseer'), 'admin-token');
  return connection(existsSync(own) ? tokenIn(own) : null);
}
