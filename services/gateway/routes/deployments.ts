// Deployments: each revision's way to its nodes, with every step and the tool's own output.
import { Deployment, DeploymentList } from '#subjects/schema/deployment.ts';
import { DeploymentQuery, IdParams } from '../openapi/shapes.ts';
import type { App, GatewayParts } from '../parts.ts';
import { gathered, given } from './pages.ts';

export function deploymentRoutes(app: App, { bus }: GatewayParts): void {
  app.get(
    '/deployments',
    {
      schema: {
        operationId: 'listDeployments',
        summary: 'Deployments, newest first',
        tags: ['deployments'],
        querystring: DeploymentQuery,
        response: { 200: DeploymentList },
      },
    },
    ({ query: { stack, ...page } }) =>
      gathered(page, (part) => bus.request('listDeployments', {}, { ...given({ stack }), ...part })),
  );

  app.get(
    '/deployments/:id',
    {
      schema: {
        operationId: 'getDeployment',
        summary: 'One deployment with each step on each node',
        tags: ['deployments'],
        params: IdParams,
        response: { 200: Deployment },
      },
    },
    (request) => bus.request('getDeployment', {}, request.params),
  );
}
