// Revisions beside their deployments: how each ended, and which one a stack can go back to. Pure.
import type { DeploymentSummary } from '../api/shapes.ts';

/** The newest revision before this one that was deployed well. */
export function lastGood(deployments: readonly DeploymentSummary[], before: number): number | null {
  const good = deployments
    .filter(({ kind, state, revision }) => kind === 'apply' && state === 'succeeded' && revision < before)
    .map(({ revision }) => revision);
  return good.length === 0 ? null : Math.max(...good);
}

/** How a revision's newest deployment ended; null when nothing is known of one. */
export function outcomeOf(deployments: readonly DeploymentSummary[], id: string | null): DeploymentSummary | null {
  return deployments.find((each) => each.id === id) ?? null;
}
