// A few nodes with a stack of their own, for tests that play what becomes of it on each.
import type { Deployment, DeploymentOutline } from '#subjects/schema/deployment.ts';
import type { Node } from '#subjects/schema/node.ts';
import type { StackSpec } from '#subjects/schema/stack.ts';
import { until } from '#test/harness/until.ts';
import { type Core, SOON_MS } from './core.ts';
import { wholeOf } from './whole.ts';

export type { Deployment };

type Strategy = NonNullable<StackSpec['strategy']>;

export function deploymentWith(core: Core, id: string | null, what: string, isIt: (deployment: Deployment) => boolean) {
  return until(
    async () => {
      const deployment = await wholeOf(core, id);
      return isIt(deployment) ? deployment : null;
    },
    SOON_MS,
    what,
  );
}

/** `ok held pending`, in order of node id, as the rollout goes. */
export function states({ targets }: Pick<DeploymentOutline, 'targets'>): string {
  return targets
    .toSorted((a, b) => (a.node < b.node ? -1 : 1))
    .map(({ state }) => (state === 'succeeded' ? 'ok' : state))
    .join(' ');
}

export async function settled(
  core: Core,
  node: Node,
  stack: string,
  deployment: string | null,
  outcome: 'succeeded' | 'failed' | 'rolled-back' = 'succeeded',
): Promise<void> {
  const reason = outcome === 'succeeded' ? null : 'exited 7';
  const failure = reason === null ? null : { service: 'web', container: 'web-1', exitCode: 7, lines: ['no'] };
  const about = { type: 'stack.settled', stack, revision: 1, deployment };
  await core.tell('stack-settled', node, { ...about, outcome, reason, failure });
}

let fleets = 0;
/** Nodes of their own label, in order of id, and a way to put a stack on them. */
export async function fleetOf(core: Core, count: number, away: readonly number[] = []) {
  fleets += 1;
  const fleet = `f${fleets}`;
  const made: Node[] = [];
  for (let index = 0; index < count; index += 1) {
    const liveness = away.includes(index) ? 'offline' : 'online';
    made.push(await core.enroll(`${fleet}-${index}`, { labels: { fleet }, liveness }));
  }
  const nodes = made.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const name = `on-${fleet}`;
  const put = (version: string, strategy: Strategy = {}, more: Partial<StackSpec> = {}) =>
    core.put(name, { env: { V: version }, targets: { selector: { fleet } }, strategy, ...more });
  const versionOn = async (node: Node) =>
    (await core.document(node))?.stacks.find((stack) => stack.name === name)?.env['V'] ?? null;
  /** Everywhere, and confirmed. */
  const first = async () => {
    const { deployment } = await put('1');
    for (const node of nodes) await settled(core, node, name, deployment);
    await deploymentWith(core, deployment, 'the first revision', ({ state }) => state === 'succeeded');
  };
  return { label: fleet, nodes, name, put, versionOn, first };
}

export function nodeAt(nodes: readonly Node[], index: number): Node {
  const node = nodes[index];
  if (!node) throw new Error(`there is no node ${index}`);
  return node;
}
