// A deployment as it stands after each event, from the first snapshot on. Pure.
import type { DeploymentEvent } from '#clients/sdk/deployment-events.ts';
import { type Deployment, isSettled, whatOf } from './outcome.ts';

/** Steps are written as they come and not kept: the last snapshot has them all. */
export function after(deployment: Deployment, { event, data }: DeploymentEvent): Deployment {
  switch (event) {
    case 'deployment':
      return data;
    case 'state':
      return { ...deployment, state: data.state, reason: data.reason };
    case 'target': {
      const { node, state, reason } = data;
      const targets = deployment.targets.map((target) =>
        target.node === node ? { ...target, state, reason, failure: data.failure ?? target.failure } : target,
      );
      return { ...deployment, ...(data.deployment ?? {}), targets };
    }
    default:
      return deployment;
  }
}

/** Is this change of a target worth a line? Its outcome is told by the node and once more by the core. */
export function isNews(deployment: Deployment, event: DeploymentEvent): boolean {
  if (event.event !== 'target') return true;
  const { node, state } = event.data;
  const known = deployment.targets.find((target) => target.node === node)?.state;
  return state !== known && state !== 'pending' && state !== 'progressing';
}

/** A batch is through and others are held: an operator's word may be needed. */
export function mayAwait({ targets, finishedAt }: Deployment): boolean {
  const isHeld = targets.some(({ state }) => state === 'held');
  return (
    finishedAt === null && isHeld && targets.every(({ state, parked }) => parked || !/^p(end|rogress)ing$/.test(state))
  );
}

/** Why it stands where it does, when that is new. How it ends is the last word's to tell. */
export function whyNews(before: Deployment | null, now: Deployment): string[] {
  const { state, reason } = now;
  const isOpen = (state === 'pending' || state === 'progressing') && !isSettled(now);
  return isOpen && reason !== null && reason !== before?.reason ? [`${whatOf(now)}: ${reason}`] : [];
}
