// For those who run a core: health, metrics, the OpenAPI document and its reference page. Open to all.
import swaggerUi from '@fastify/swagger-ui';
import type { App, GatewayParts } from '../parts.ts';

const open = { schema: { hide: true }, config: { public: true as const } };

export async function operationRoutes(app: App, { health, metrics }: GatewayParts): Promise<void> {
  app.get('/healthz', open, async () => ({ status: 'ok' }));

  app.get('/readyz', open, async (_, reply) => {
    const readiness = await health.ready();
    return reply.code(readiness.ready ? 200 : 503).send(readiness);
  });

  app.get('/metrics', open, async (_, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await metrics()),
  );

  app.get('/openapi.json', open, async () => app.swagger());

  await app.register(swaggerUi, {
    routePrefix: '/docs',
    // Its pages bring scripts and styles of their own.
    staticCSP: true,
    transformStaticCSP: (header) => header.replace(/upgrade-insecure-requests;?/, ''),
    uiConfig: { deepLinking: true, tryItOutEnabled: false, persistAuthorization: false },
  });
}
