// The list of deployments: what they are called, and which are asked for beyond the newest. Pure.
import type { Deployment, DeploymentSummary } from '../api/shapes.ts';
import { parseFilter } from '../lists/filter.ts';

export const KINDS: Readonly<Record<Deployment['kind'], string>> = {
  apply: 'deploy',
  remove: 'removal',
  restart: 'restart',
  pull: 'image pull',
};

/** The stack that a filter names whole: its deployments are asked for, however old. */
export function stackAskedFor(filter: string, known: readonly string[]): string | null {
  const named = parseFilter(filter).filter(({ key, negated }) => key === 'stack' && !negated);
  const [only] = named;
  return only !== undefined && named.length === 1 && known.includes(only.value) ? only.value : null;
}

export function withThoseOf(
  newest: readonly DeploymentSummary[],
  own: readonly DeploymentSummary[],
): DeploymentSummary[] {
  const held = new Set(newest.map(({ id }) => id));
  return [...newest, ...own.filter(({ id }) => !held.has(id))];
}
