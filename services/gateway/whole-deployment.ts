// A deployment as callers see it, put together from what travels: where it is, and page by page what was done on each node.
import type { Bus } from '#infra/nats/bus.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { Deployment, DeploymentOutline, TargetSteps } from '#subjects/schema/deployment.ts';
import { everyRow } from './routes/pages.ts';

type Asked = Pick<Bus, 'request'>;

export const outlineOf = (bus: Asked, id: string) => bus.request('getDeployment', {}, { id });

export function stepsOf(bus: Asked, id: string): Promise<TargetSteps[]> {
  return everyRow(({ cursor }) => bus.request('listSteps', {}, { id, ...(cursor === undefined ? {} : { cursor }) }));
}

/** A target of which nothing was told has no steps. */
export function joined({ targets, ...outline }: DeploymentOutline, told: readonly TargetSteps[]): Deployment {
  const byNode = new Map(told.map(({ node, ...done }) => [node, done]));
  return {
    ...outline,
    targets: targets.map((target) => ({ ...target, ...(byNode.get(target.node) ?? { failure: null, steps: [] }) })),
  };
}

/** Where it is first: steps may be newer than a state, never older than one that has ended. */
export async function wholeDeployment(bus: Asked, id: string): Promise<Deployment> {
  const outline = await outlineOf(bus, id);
  return joined(outline, await stepsOf(bus, id));
}

/** With one target, and all that is kept of its output. @throws OverseerError `node-not-found` */
export async function deploymentOn(bus: Asked, id: string, node: string): Promise<Deployment> {
  const outline = await outlineOf(bus, id);
  const { items } = await bus.request('listSteps', {}, { id, node });
  const targets = outline.targets.filter((target) => target.node === node);
  if (targets.length > 0) return joined({ ...outline, targets }, items);
  throw new OverseerError('node-not-found', `node ${node} is no target of deployment ${id}`, { fields: { node } });
}
