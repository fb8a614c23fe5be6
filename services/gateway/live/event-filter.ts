// Pure. Which events a caller wants, of those that the stream has.
import type { CloudEvent } from '#subjects/schema/cloud-event.ts';

/** All that are given must hold. */
export interface EventFilter {
  readonly node?: string | undefined;
  readonly stack?: string | undefined;
  readonly deployment?: string | undefined;
  /** `dev.overseer.node.offline.v1`, `node.offline` or `node`, several parted by commas: one must hold. */
  readonly type?: string | undefined;
}

const PREFIX = 'dev.overseer.';

function nodesOf({ subject, data }: CloudEvent): (string | undefined)[] {
  const { target } = data as { target?: { node?: string } };
  return [/^nodes\/(.+)$/.exec(subject)?.[1], target?.node];
}

function isOfType(type: string, wanted: string): boolean {
  const full = wanted.startsWith(PREFIX) ? wanted : PREFIX + wanted;
  return type === full || type.startsWith(`${full}.`);
}

/** Null when everything fits. */
export function eventFilter({ node, stack, deployment, type }: EventFilter): ((event: CloudEvent) => boolean) | null {
  const types = type?.split(',').filter((one) => one !== '') ?? [];
  if (node === undefined && stack === undefined && deployment === undefined && types.length === 0) return null;
  return (event) => {
    if (node !== undefined && !nodesOf(event).includes(node)) return false;
    // Those stored by an earlier version say it in their data alone.
    if (stack !== undefined && (event.stack ?? event.data['stack']) !== stack) return false;
    const isOfDeployment =
      event.subject === `deployments/${deployment}` ||
      (deployment !== undefined && event.data['deployment'] === deployment);
    if (deployment !== undefined && !isOfDeployment) return false;
    return types.length === 0 || types.some((wanted) => isOfType(event.type, wanted));
  };
}
