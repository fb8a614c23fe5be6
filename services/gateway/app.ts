// The HTTP application, put together: what guards every call, the API, the reference, the console.
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import session from '@fastify/secure-session';
import swagger from '@fastify/swagger';
import fastify, { type FastifyBaseLogger, type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { newId } from '#infra/ids.ts';
import { ERROR_CODES, OverseerError } from '#subjects/errors.ts';
import { HTTP_BODY_MAX_BYTES } from '#subjects/limits.ts';
import { authenticator } from './access/authenticate.ts';
import { readBodies } from './bodies.ts';
import { consoleRoutes } from './console.ts';
import { countRequests } from './metrics.ts';
import { swaggerOptions } from './openapi/document.ts';
import type { App, GatewayParts } from './parts.ts';
import { PROBLEM_TYPE, problemOf, refusalOf } from './problem.ts';
import { recorded } from './refusals.ts';
import { actionRoutes } from './routes/actions.ts';
import { auditRoutes } from './routes/audit.ts';
import { coreRoutes } from './routes/core.ts';
import { deploymentRoutes } from './routes/deployments.ts';
import { enrollmentRoutes } from './routes/enrollment.ts';
import { historyRoutes } from './routes/history.ts';
import { hookRoutes } from './routes/hooks.ts';
import { logRoutes } from './routes/logs.ts';
import { nodeRoutes } from './routes/nodes.ts';
import { notificationRoutes } from './routes/notifications.ts';
import { operationRoutes } from './routes/operation.ts';
import { projectRoutes } from './routes/projects.ts';
import { readerRoutes } from './routes/readers.ts';
import { secretRoutes } from './routes/secrets.ts';
import { sessionRoutes } from './routes/session.ts';
import { stackRoutes } from './routes/stacks.ts';
import { addressTable } from './routes/table.ts';
import { dropUnreadBody } from './unread-body.ts';
import { validatorCompiler } from './validation.ts';

/** A body must be here by then; slow senders hold a socket, nothing else. */
const REQUEST_TIMEOUT_MS = 60_000;
const HEADERS_TIMEOUT_MS = 15_000;
/** Longer than most proxies keep an idle connection, so that they close it, not we. */
const KEEP_ALIVE_MS = 75_000;
/** Longer names are answered as what they are: no name of ours. */
const PARAMETER_MAX = 2048;
const SESSION_SECONDS = 7 * 24 * 3600;

function sendProblem(reply: FastifyReply, request: FastifyRequest, refusal: OverseerError): FastifyReply {
  const instance = request.url.split('?')[0] ?? request.url;
  const problem = problemOf(refusal, instance, request.id);
  const { retryAfterSeconds } = refusal.fields;
  if (typeof retryAfterSeconds === 'number') reply.header('retry-after', retryAfterSeconds);
  return reply.header('x-request-id', request.id).code(problem.status).type(PROBLEM_TYPE).send(JSON.stringify(problem));
}

/** What is no HTTP is answered on the socket itself. */
function answerGarbage(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const refusal =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? new OverseerError('timeout', 'the request did not arrive in time')
      : refusalOf({ code: error.code, statusCode: 400, message: 'this is no HTTP request' });
  const isSlow = refusal.code === 'timeout';
  const status = isSlow ? 408 : ERROR_CODES[refusal.code].status;
  const body = JSON.stringify({ ...problemOf(refusal, '', newId()), status });
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: ${PROBLEM_TYPE}\r\n`;
  socket.end(`${head}content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`);
}

function registerApi(app: App, parts: GatewayParts): void {
  const table = addressTable(app);
  app.addHook('onRequest', authenticator(parts.access));
  for (const routes of [
    enrollmentRoutes,
    nodeRoutes,
    projectRoutes,
    stackRoutes,
    actionRoutes,
    hookRoutes,
    secretRoutes,
    deploymentRoutes,
    historyRoutes,
    auditRoutes,
    readerRoutes,
    notificationRoutes,
    logRoutes,
    coreRoutes,
    sessionRoutes,
  ]) {
    routes(app, parts);
  }
  // Runs after the hook above: who has no token does not learn which addresses there are.
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? '';
    const methods = table.methodsOf(path);
    if (methods.length === 0) throw new OverseerError('not-found', `there is nothing at ${path.slice(0, 200)}`);
    reply.header('allow', methods.join(', '));
    throw new OverseerError('method-not-allowed', `${request.method} is not for this address`, { fields: { methods } });
  });
}

export async function buildApp(parts: GatewayParts): Promise<App> {
  const { bus, log, access } = parts;
  const app = fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: newId,
    bodyLimit: HTTP_BODY_MAX_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    http: { headersTimeout: HEADERS_TIMEOUT_MS },
    routerOptions: { maxParamLength: PARAMETER_MAX },
    clientErrorHandler: answerGarbage,
    frameworkErrors: (error, request, reply) => sendProblem(reply, request, refusalOf(error)),
  }).withTypeProvider<ZodTypeProvider>() as App;

  readBodies(app);
  app.setValidatorCompiler(validatorCompiler);
  // Bodies come from the bus, which checked them against the same schemas.
  app.setSerializerCompiler(() => (body) => JSON.stringify(body));
  app.decorateRequest('actor', null);
  app.addHook('onRequest', async (request, reply) => void reply.header('x-request-id', request.id));
  countRequests(app);
  app.setErrorHandler(async (error, request, reply) => {
    const refusal = refusalOf(error, request.routeOptions.bodyLimit);
    if (refusal.code === 'internal')
      request.log.error({ err: error, route: request.routeOptions.url }, 'a call failed');
    const answer = await recorded(bus, request, refusal);
    if (refusal.code === 'too-large') await dropUnreadBody(request.raw);
    return sendProblem(reply, request, answer);
  });

  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // For whoever ends TLS in front of us to say; on plain HTTP it would be ignored.
    strictTransportSecurity: false,
  });
  await app.register(rateLimit, {
    global: false,
    errorResponseBuilder: (_, { ttl, max }) =>
      new OverseerError('rate-limited', `more than ${max} calls from this address`, {
        fields: { retryAfterSeconds: Math.ceil(ttl / 1000) },
      }),
  });
  await app.register(session, {
    cookieName: 'overseer-session',
    key: access.sessionKey,
    expiry: SESSION_SECONDS,
    cookie: { path: '/', httpOnly: true, sameSite: 'strict', secure: 'auto', maxAge: SESSION_SECONDS },
  });
  await app.register(swagger, swaggerOptions(parts.version));
  await app.register(async (api) => registerApi(api as unknown as App, parts), { prefix: '/api' });
  await operationRoutes(app, parts);
  await consoleRoutes(app, parts);
  await app.ready();
  return app;
}
