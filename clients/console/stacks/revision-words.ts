// Revisions beside their deployments: how each ended, which one a stack can go back to; and what differs between two. Pure.
import type { DeploymentSummary, RevisionDetail } from '../api/shapes.ts';

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

function textsOf({ compose, files, env, pins = {} }: RevisionDetail): Map<string, string> {
  const images = Object.entries(pins).map(([service, image]) => `${service}: ${image}`);
  return new Map([
    ['compose.yaml', compose],
    ...Object.entries(files),
    ['names of the environment', env.toSorted().join('\n')],
    ['images that tags stood for', images.sort().join('\n')],
  ]);
}

export interface ChangedText {
  readonly title: string;
  readonly before: string;
  readonly after: string;
}

export function changedTexts(old: RevisionDetail, fresh: RevisionDetail): ChangedText[] {
  const before = textsOf(old);
  const after = textsOf(fresh);
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((title) => ({ title, before: before.get(title) ?? '', after: after.get(title) ?? '' }))
    .filter((text) => text.before !== text.after);
}
