// Where in a node's own order the outcome of a deployment stands, when the event that tells it has come.
import { type Em, rows } from './rows.ts';

export async function settledPosition(em: Em, deployment: string, node: string): Promise<string | null> {
  const [row] = await rows<{ position: string | null }>(
    em,
    'select settled_position as position from deployment_targets where deployment = ? and node = ?',
    [deployment, node],
  );
  return row?.position ?? null;
}

/** @param isOutcome it is the one that stands; another one is told of what stands already, perhaps by a report */
export async function saveSettledPosition(
  em: Em,
  target: { deployment: string; node: string },
  position: string,
  isOutcome: boolean,
): Promise<void> {
  await rows(
    em,
    `update deployment_targets set settled_position = ?
     where deployment = ? and node = ? and (?::boolean or settled_position is null)
       and state in ('succeeded', 'failed', 'rolled-back', 'superseded')`,
    [position, target.deployment, target.node, isOutcome],
  );
}
