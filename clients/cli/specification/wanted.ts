// What a stack should become: what the options say, before what it is now.
import { bodyOf, type Schemas } from '#clients/sdk/client.ts';
import { Problem } from '#clients/sdk/problem.ts';
import { EXIT, Failure } from '../failure.ts';
import type { Session } from '../session.ts';
import { keptOf } from './kept.ts';
import { type Draft, merged, type Said } from './merged.ts';
import type { SpecificationOptions } from './options.ts';
import { withoutOwnWords } from './own-words.ts';
import { saidBy, wholeIn } from './said.ts';

type Specification = Schemas['StackSpec'];
type Detail = Schemas['StackDetail'];

export interface Wanted {
  readonly body: Specification;
  /** That nobody else changes the stack between our look at it and the change; nothing when we did not look. */
  readonly condition: { readonly 'if-match'?: string; readonly 'if-none-match'?: '*' };
  /** What the operator should know of it. */
  readonly notes: readonly string[];
}

/** Null when there is no such stack yet. @throws Problem when that is not known */
async function present({ api }: Session, name: string): Promise<Detail | null> {
  try {
    return await bodyOf(api.GET('/api/stacks/{name}', { params: { path: { name } } }));
  } catch (error) {
    if (error instanceof Problem && error.code === 'stack-not-found') return null;
    throw error;
  }
}

/** @throws Failure that says what is missing, and how to say it */
function checked(draft: Draft, said: Said, isNew = false): Specification {
  const { compose, source, targets, images } = draft;
  const isGit = Object.values(said.source).some((value) => value !== undefined);
  if (said.compose !== undefined && typeof said.source.repository === 'string') {
    throw new Failure(EXIT.usage, 'It comes from a file or from git, not both.', 'Leave out -f or --git.');
  }
  if (isGit && source?.repository === undefined) {
    throw new Failure(EXIT.usage, 'It does not come from git.', 'Add --git URL.');
  }
  if (compose === undefined && source === undefined) {
    const what = `Nothing says what should run${isNew ? ', and there is no such stack yet' : ''}.`;
    throw new Failure(EXIT.usage, what, 'Add -f compose.yaml or --git URL.');
  }
  if (targets === undefined) {
    throw new Failure(EXIT.usage, 'Nothing says where it should run.', 'Add --node NAME or --selector key=value.');
  }
  if (images !== undefined && images.policy === undefined) {
    throw new Failure(EXIT.usage, 'Nothing says what to do when a tag moves.', 'Add --images notify, deploy or off.');
  }
  return { ...draft, targets };
}

function stays({ name, state, stoppedNodes }: Detail, said: Said): string[] {
  if (said.state !== undefined) return [];
  const next = `start it with overseer stack start ${name}`;
  if (state === 'stopped') return [`it stays stopped: ${next}`];
  const count = stoppedNodes.length;
  return count === 0 ? [] : [`it stays stopped on ${count} ${count === 1 ? 'node' : 'nodes'}: ${next}`];
}

export async function wantedOf(session: Session, name: string, options: SpecificationOptions): Promise<Wanted> {
  const said = await saidBy(session, options);
  const floor: Draft = options.spec === undefined ? {} : wholeIn(session.folder, options.spec);
  const isWhole = options.fresh === true || options.spec !== undefined;
  if (isWhole && (said.targets ?? floor.targets) !== undefined) {
    return { body: checked(merged(floor, said), said), condition: {}, notes: [] };
  }
  const before = await present(session, name);
  if (before === null) {
    return { body: checked(merged(floor, said), said, true), condition: { 'if-none-match': '*' }, notes: [] };
  }
  const base = isWhole ? { targets: before.targets, ...floor } : withoutOwnWords(before.spec, before.compose);
  const kept = keptOf(base, floor, said);
  return {
    body: checked(merged(base, said), said),
    condition: { 'if-match': `"${before.revision}"` },
    notes: [
      ...(kept.length === 0 ? [] : [`kept from revision ${before.revision}: ${kept.join(', ')}`]),
      ...(isWhole ? [] : stays(before, said)),
    ],
  };
}
