// What came of a deployment, in a sentence. Pure.
import type { Deployment } from '../api/shapes.ts';
import { plural } from '../parts/words.ts';

const DONE: Readonly<Record<Deployment['kind'], string>> = {
  apply: 'Running on',
  remove: 'Removed from',
  restart: 'Restarted on',
  pull: 'Images pulled on',
};

/** What it is called on its page. */
export const TITLES: Readonly<Record<Deployment['kind'], string>> = {
  apply: 'Deployment of',
  remove: 'Removal of',
  restart: 'Restart of',
  pull: 'Image pull for',
};

export interface Result {
  readonly words: string;
  readonly tone: 'calm' | 'warn' | 'bad';
}

/** While it runs: where it stands, or what it waits for. What an operator is asked is said where the answer is given. */
function standing({ state, reason, awaitsApproval }: Deployment): string {
  if (reason === null || awaitsApproval) return '';
  return state === 'pending' ? 'Not begun yet' : 'Under way';
}

/** Empty words while it goes on and there is nothing to say of it. */
export function resultOf(deployment: Deployment): Result {
  const { state, kind, targets, finishedAt } = deployment;
  const count = (wanted: string) => targets.filter((each) => each.state === wanted).length;
  const nodes = plural(targets.length, 'node');
  const held = count('held');
  const rest = held === 0 ? '' : ` ${plural(held, 'node was', 'nodes were')} not reached and kept what they ran.`;
  if (state === 'succeeded') return { words: `${DONE[kind]} ${nodes}.`, tone: 'calm' };
  if (state === 'failed') {
    const back = count('rolled-back');
    const also = back === 0 ? '' : `, rolled back on ${back}`;
    return { words: `Failed on ${count('failed')} of ${nodes}${also}.${rest}`, tone: 'bad' };
  }
  if (state === 'rolled-back')
    return {
      words: `Rolled back on ${count('rolled-back')} of ${nodes}: the last good revision runs again.${rest}`,
      tone: 'warn',
    };
  if (state === 'superseded')
    return { words: finishedAt === null ? '' : 'A newer deployment took its place.', tone: 'calm' };
  return { words: standing(deployment), tone: 'calm' };
}
