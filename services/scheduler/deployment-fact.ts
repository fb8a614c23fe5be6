// Pure: a deployment's facts as CloudEvents.
import type { CloudEvent, DeploymentFact } from '#subjects/schema/cloud-event.ts';
import type { DeploymentKind, DeploymentState } from '#subjects/schema/deployment.ts';

export interface DeploymentNews {
  readonly id: string;
  readonly stack: string;
  readonly kind: DeploymentKind;
  readonly revision: number;
  readonly state: DeploymentState;
  readonly reason: string | null;
  /** The target whose change is told; absent when it is the deployment's own. */
  readonly target?: { readonly node: string; readonly state: DeploymentState; readonly reason: string | null };
}

/** @param requestid of the call that it comes from */
export function deploymentFact(
  fact: DeploymentFact,
  news: DeploymentNews,
  id: string,
  time: string,
  requestid?: string,
): CloudEvent {
  const { id: deployment, target, ...rest } = news;
  return {
    specversion: '1.0',
    id,
    type: `dev.overseer.deployment.${fact}.v1`,
    source: 'scheduler',
    subject: `deployments/${deployment}`,
    time,
    datacontenttype: 'application/json',
    ...(requestid === undefined ? {} : { requestid }),
    stack: news.stack,
    data: { deployment, ...rest, ...(target ? { target } : {}) },
  };
}
