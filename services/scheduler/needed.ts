// Pure: whether a stack that others need runs where it should, by what its nodes say of it. What became of its newest
// deployment does not matter: a node on which it went back to the last good revision runs it.

export interface NeededNode {
  readonly name: string;
  /** It could say otherwise by now: nodes that are away hold nobody up. */
  readonly isThere: boolean;
  /** A deployment is on its way to it: what it last said may be of what was before. */
  readonly isChanging: boolean;
  /** Null: it has never had the stack. */
  readonly phase: string | null;
}

export interface Needed {
  readonly name: string;
  readonly isStopped: boolean;
  /** Nodes on which it is to run. */
  readonly nodes: readonly NeededNode[];
}

const NAMED = 3;

function runs({ isChanging, phase }: NeededNode): boolean {
  return !isChanging && (phase === 'running' || phase === 'rolled-back');
}

function isLike({ isChanging, phase }: NeededNode): string {
  return isChanging ? 'deploying' : (phase ?? 'not there yet');
}

/** @returns what a stack that depends on it waits for; null when it runs. One that is for no node at all is missing nowhere */
export function whatItLacks({ name, isStopped, nodes }: Needed): string | null {
  if (isStopped) return `waits for stack ${name}: it is stopped`;
  if (nodes.length === 0) return null;
  const there = nodes.filter(({ isThere }) => isThere);
  if (there.length === 0) return `waits for stack ${name}: none of its nodes is online`;
  const missing = there.filter((node) => !runs(node));
  if (missing.length === 0) return null;
  const named = missing.slice(0, NAMED).map((node) => `${node.name} (${isLike(node)})`);
  const more = missing.length > NAMED ? ` and ${missing.length - NAMED} more` : '';
  return `waits for stack ${name} on ${named.join(', ')}${more}`;
}
