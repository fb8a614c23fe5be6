// Pure: what whoever sets a secret should know.
import type { SecretUse, WaitingPlace } from '../store/secret-uses.ts';

export interface Standing {
  readonly name: string;
  readonly uses: readonly SecretUse[];
  readonly waiting: readonly WaitingPlace[];
  readonly recovery: string | null;
}

export function warningsOf({ name, uses, waiting, recovery }: Standing): string[] {
  const warnings = uses
    .filter(({ isEnvironment }) => isEnvironment)
    .map(
      ({ stack }) => `stack ${stack} gets ${name} as an environment variable too: docker inspect and the disk show it`,
    );
  const nodes = new Set(waiting.map(({ node }) => node)).size;
  if (nodes > 0) {
    const count = nodes === 1 ? '1 node waits' : `${nodes} nodes wait`;
    warnings.push(`${count} for ${name} to be sealed: overseer secret rewrap ${name} --identity FILE`);
  }
  if (recovery === null) {
    warnings.push('no recovery recipient is set: without the keys of the core nobody opens this again');
  }
  return warnings;
}
