// What was typed on one revision, on top of a newer one: nothing typed is lost, and nothing that was not touched takes the
// newer revision back. Pure.
import type { Draft } from './draft.ts';

/** What the parts of a draft are called. */
export const PARTS: Readonly<Record<keyof Draft, string>> = {
  from: 'where it comes from',
  compose: 'compose text',
  git: 'repository',
  environment: 'environment',
  by: 'how nodes are chosen',
  selector: 'labels of nodes',
  nodes: 'nodes',
  files: 'files',
  secrets: 'secrets',
  profiles: 'profiles',
  dependsOn: 'stacks it waits for',
  images: 'new images',
  drift: 'drift',
  logs: 'what is kept of its output',
  rollout: 'rollout',
};

export type Part = keyof Draft;
const ALL = Object.keys(PARTS) as Part[];

const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

export interface Rebased {
  readonly draft: Draft;
  /** Changed on both sides and not alike: what was typed stands in `draft`. */
  readonly both: readonly Part[];
}

/** @param base what `mine` began as */
export function rebased(base: Draft, mine: Draft, newest: Draft): Rebased {
  const isTouched = (part: Part) => !isSame(mine[part], base[part]);
  const kept = Object.fromEntries(ALL.filter(isTouched).map((part) => [part, mine[part]]));
  return {
    draft: { ...newest, ...kept },
    both: ALL.filter(
      (part) => isTouched(part) && !isSame(newest[part], base[part]) && !isSame(newest[part], mine[part]),
    ),
  };
}
