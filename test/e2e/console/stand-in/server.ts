// A core's face without the core: the built console and the REST shapes over a world that tests arrange. It lets each
// screen be seen in states that a real core is hard to bring into; the console on a real core is tested beside this.
import { readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type { CloudEvent } from '#subjects/schema/cloud-event.ts';
import type { LogItem } from '#subjects/schema/log.ts';
import { type Answered, type Asked, missing, problem } from './answered.ts';
import { answer } from './answers.ts';
import { frameOf, matching } from './logs.ts';
import { verificationOf } from './receivers.ts';
import type { World } from './world.ts';

export const TOKEN = 'ovs_adm_stand-in';
const SESSION = 'overseer-session=open';
const DIST = join(import.meta.dirname, '../../../../clients/console/dist');
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};
/** As the gateway sends it, so that what it forbids fails here too. */
const POLICY =
  "default-src 'self';style-src 'self' 'unsafe-inline';img-src 'self' data:;object-src 'none';base-uri 'none';form-action 'self';frame-ancestors 'none'";

export interface StandIn {
  readonly url: string;
  readonly world: World;
  /** What was asked, as `GET /nodes`. */
  readonly asked: (Pick<Asked, 'method' | 'path' | 'seen'> & {
    query: string;
    body: unknown;
    lastEventId: string | null;
  })[];
  /** Every call whose `GET /path` matches is answered so, until told otherwise. */
  refuse(pattern: RegExp | null, answered?: Answered): void;
  emit(fact: CloudEvent): void;
  /** One event of a deployment's own stream; each node's steps are numbered as a node would. */
  tell(deployment: string, event: string, data: Readonly<Record<string, unknown>>): void;
  openFollowers(deployment: string): number;
  /** One more audit record, told to those who follow them. */
  record(made: World['audit'][number]): void;
  /** More lines, told to those who follow them. */
  say(...items: LogItem[]): void;
  /** Ends all streams; new ones are refused while `down`. */
  cutStreams(down: boolean): void;
  openStreams(): number;
  stop(): Promise<void>;
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text === '' ? null : JSON.parse(text);
}

function sendJson(response: ServerResponse, { status, body }: Answered): void {
  response.writeHead(status, { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' });
  response.end(JSON.stringify(body));
}

function sendFile(response: ServerResponse, path: string): void {
  const wanted = join(DIST, path);
  const isFile = path !== '/' && statSync(wanted, { throwIfNoEntry: false })?.isFile() === true;
  const file = isFile ? wanted : join(DIST, 'index.html');
  response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'text/plain', 'content-security-policy': POLICY });
  response.end(readFileSync(file));
}

function sessionAnswer(request: IncomingMessage, response: ServerResponse, asked: Asked): Answered | null {
  const isOpen = request.headers.cookie?.includes(SESSION) === true;
  if (asked.path === '/session' && asked.method === 'POST') {
    if (asked.body?.token !== TOKEN)
      return problem(401, 'unauthorized', 'Authentication is needed', 'this token is not valid');
    response.setHeader('set-cookie', `${SESSION}; Path=/; HttpOnly; SameSite=Strict`);
    return { status: 200, body: { actor: 'admin', version: '0.1.0' } };
  }
  if (!isOpen)
    return problem(401, 'unauthorized', 'Authentication is needed', 'send the admin token as bearer, or sign in');
  if (asked.path !== '/session') return null;
  if (asked.method === 'DELETE') response.setHeader('set-cookie', 'overseer-session=; Path=/; Max-Age=0');
  return { status: 200, body: { actor: 'admin', version: '0.1.0' } };
}

export async function startStandIn(world: World, port = 0): Promise<StandIn> {
  const asked: StandIn['asked'] = [];
  const streams = new Set<ServerResponse>();
  const followers = new Map<ServerResponse, string>();
  const auditors = new Set<ServerResponse>();
  const listeners = new Map<ServerResponse, URLSearchParams>();
  const told: { deployment: string; id: number; text: string }[] = [];
  let refused: { pattern: RegExp; answered: Answered } | null = null;
  let isDown = false;
  let sequence = 100;

  const stream = (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'overseer-last-event-id': String(sequence) });
    response.write(`retry: 2000\nid: ${sequence}\n\n`);
    streams.add(response);
    response.on('close', () => streams.delete(response));
  };
  const heard = (response: ServerResponse, query: URLSearchParams, from: number) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'overseer-last-event-id': String(from) });
    response.write(`retry: 2000\nid: ${from}\n\n`);
    listeners.set(response, query);
    response.on('close', () => listeners.delete(response));
    for (const item of matching(world.logs.slice(from), query)) response.write(frameOf(item));
  };
  const audited = (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'overseer-last-event-id': '1' });
    response.write('retry: 2000\nid: 1\n\n');
    auditors.add(response);
    response.on('close', () => auditors.delete(response));
  };
  const verified = (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`event: progress\ndata: {"records":2000,"total":4211,"checkpoints":0,"faults":0}\n\n`);
    response.end(`event: result\ndata: ${JSON.stringify(verificationOf(world))}\n\n`);
  };
  const followed = (response: ServerResponse, id: string, last: number | null) => {
    const deployment = world.deployments.find((each) => each.id === id);
    if (deployment === undefined) return sendJson(response, missing('deployment'));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('retry: 2000\n\n');
    followers.set(response, id);
    response.on('close', () => followers.delete(response));
    if (last === null) response.write(`event: deployment\nid: ${sequence}\ndata: ${JSON.stringify(deployment)}\n\n`);
    else for (const each of told) if (each.deployment === id && each.id > last) response.write(each.text);
  };
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://stand-in');
    if (!pathname.startsWith('/api/')) return sendFile(response, pathname);
    const call: Asked = {
      method: request.method ?? 'GET',
      path: pathname.slice(4),
      query: searchParams,
      body: await bodyOf(request),
      seen: request.headers['if-match'] ?? request.headers['if-none-match'] ?? null,
    };
    const lastEventId = request.headers['last-event-id'];
    const isStream = request.headers.accept === 'text/event-stream';
    asked.push({
      method: call.method,
      path: isStream ? `${call.path} stream` : call.path,
      query: searchParams.toString(),
      body: call.body,
      seen: call.seen,
      lastEventId: typeof lastEventId === 'string' ? lastEventId : null,
    });
    const forbidden = sessionAnswer(request, response, call);
    if (forbidden !== null) return sendJson(response, forbidden);
    if (isStream && isDown)
      return sendJson(response, problem(503, 'unavailable', 'A part that is needed does not answer', ''));
    const [, deployment] = /^\/deployments\/([^/]+)$/.exec(call.path) ?? [];
    if (isStream && deployment !== undefined)
      return followed(response, deployment, typeof lastEventId === 'string' ? Number(lastEventId) : null);
    if (isStream && call.path === '/logs')
      return heard(response, searchParams, typeof lastEventId === 'string' ? Number(lastEventId) : world.logs.length);
    if (isStream && call.path === '/audit') return audited(response);
    if (isStream && call.path === '/audit/verify') return verified(response);
    if (isStream) return stream(response);
    if (refused?.pattern.test(`${call.method} ${call.path}`)) return sendJson(response, refused.answered);
    sendJson(response, answer(world, call));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    world,
    asked,
    refuse: (
      pattern,
      answered = problem(503, 'unavailable', 'A part that is needed does not answer', 'registry: no answer in time'),
    ) => {
      refused = pattern === null ? null : { pattern, answered };
    },
    emit(fact) {
      sequence += 1;
      world.events.unshift(fact);
      for (const each of streams) each.write(`id: ${sequence}\ndata: ${JSON.stringify(fact)}\n\n`);
    },
    tell(deployment, event, data) {
      sequence += 1;
      const place = event.startsWith('step-') ? { nodesequence: `e:${sequence}` } : {};
      const body = JSON.stringify({ sequence: String(sequence), at: new Date().toISOString(), ...place, ...data });
      const text = `event: ${event}\nid: ${sequence}\ndata: ${body}\n\n`;
      told.push({ deployment, id: sequence, text });
      for (const [each, id] of followers) if (id === deployment) each.write(text);
    },
    record(made) {
      world.audit.unshift(made);
      for (const each of auditors) each.write(`id: ${made.sequence}\ndata: ${JSON.stringify(made)}\n\n`);
    },
    say(...items) {
      world.logs.push(...items);
      for (const [each, query] of listeners) for (const item of matching(items, query)) each.write(frameOf(item));
    },
    openFollowers: (deployment) => [...followers.values()].filter((id) => id === deployment).length,
    cutStreams(down) {
      isDown = down;
      for (const each of [...streams, ...followers.keys(), ...listeners.keys(), ...auditors]) each.destroy();
    },
    openStreams: () => streams.size,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
