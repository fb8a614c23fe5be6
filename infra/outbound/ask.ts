// Requests to hosts that operators name. Each address is looked at after it was resolved and used as it was resolved, so
// that no name leads to where a cloud keeps its credentials.
import { type LookupAddress, lookup } from 'node:dns';
import { lookup as lookupAll } from 'node:dns/promises';
import { Agent as HttpAgent, type IncomingHttpHeaders, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { OverseerError } from '#subjects/errors.ts';
import { isForbiddenAddress } from './link-local.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Outgoing {
  readonly method?: 'GET' | 'HEAD' | 'POST';
  readonly body?: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

const TIMEOUT_MS = 15_000;
const MAX_BYTES = 4 * 1024 * 1024;

function refused(host: string): OverseerError {
  return new OverseerError('source-unusable', `${host} is a link-local or metadata address, which is never asked`);
}

/** Addresses of a host. @throws OverseerError `source-unusable` when it has none or a forbidden one */
export async function allowedAddresses(host: string): Promise<string[]> {
  if (isForbiddenAddress(host)) throw refused(host);
  let found: LookupAddress[];
  try {
    found = await lookupAll(host, { all: true });
  } catch (error) {
    throw new OverseerError('source-unusable', `the host ${host} can't be resolved`, { cause: error });
  }
  if (found.some(({ address }) => isForbiddenAddress(address))) throw refused(host);
  return found.map(({ address }) => address);
}

const guardedLookup: LookupFunction = (host, options, done) => {
  lookup(host, { ...options, all: true }, (error, addresses) => {
    const found = addresses ?? [];
    if (error) return done(error, '', 0);
    if (found.some(({ address }) => isForbiddenAddress(address))) return done(refused(host), '', 0);
    if (options.all) return done(null, found);
    return done(null, found[0]?.address ?? '', found[0]?.family ?? 4);
  });
};

/** Redirects are answers. @throws OverseerError `source-unusable`, `timeout`, or what the connection died of */
export function ask(url: URL, outgoing: Outgoing = {}): Promise<Answer> {
  const { method = 'GET', headers = {}, body, timeoutMs = TIMEOUT_MS, maxBytes = MAX_BYTES, signal } = outgoing;
  if (isForbiddenAddress(url.hostname)) return Promise.reject(refused(url.hostname));
  const isTls = url.protocol === 'https:';
  const proxies = { proxyEnv: process.env };
  const agent = isTls ? new HttpsAgent(proxies) : new HttpAgent(proxies);
  const length = body === undefined ? {} : { 'content-length': String(body.length) };
  const options = {
    method,
    headers: { 'user-agent': 'overseer', ...length, ...headers },
    agent,
    lookup: guardedLookup,
    signal,
  };
  return new Promise<Answer>((resolve, reject) => {
    const settle = (work: () => void) => {
      clearTimeout(late);
      work();
    };
    const call = (isTls ? requestHttps : requestHttp)(url, options, (answer) => {
      const pieces: Buffer[] = [];
      let size = 0;
      answer.on('data', (piece: Buffer) => {
        size += piece.length;
        if (size > maxBytes) {
          call.destroy(new OverseerError('source-unusable', `${url.host} answered more than ${maxBytes} bytes`));
        } else {
          pieces.push(piece);
        }
      });
      answer.on('error', (error) => settle(() => reject(error)));
      answer.on('end', () =>
        settle(() => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(pieces) })),
      );
    });
    // Armed only now: a request that can't even be made throws, and leaves nothing behind that would go off.
    const late = setTimeout(
      () => call.destroy(new OverseerError('timeout', `${url.host} did not answer within ${timeoutMs / 1000} s`)),
      timeoutMs,
    );
    call.on('error', (error) => settle(() => reject(error)));
    call.end(body);
  }).finally(() => agent.destroy());
}
