// A plan in words: what a deployment would do, nodes with the same changes told once. Pure.
import type { PlannedChange, PlannedNode, StackPlan } from '../api/shapes.ts';
import { byName, plural } from '../parts/words.ts';

type Change = PlannedChange['change'];
type ReasonKind = PlannedChange['reasons'][number]['kind'];

export const CHANGE_WORDS: Readonly<Record<Change, string>> = {
  create: 'created',
  recreate: 'recreated',
  start: 'started',
  stop: 'stopped',
  remove: 'removed',
  keep: 'kept',
};

const REASONS: Readonly<Record<ReasonKind, string>> = {
  new: 'new',
  image: 'other image',
  config: 'other settings',
  secret: 'new secret',
  dependency: 'needs one that changes',
  orphan: 'not in the stack any more',
  scale: 'other number of containers',
  state: 'other state',
  drift: 'changed by hand',
};

export function reasonWords({ kind, detail }: PlannedChange['reasons'][number]): string {
  return detail === '' ? REASONS[kind] : `${REASONS[kind]}: ${detail}`;
}

const CHANGES = Object.keys(CHANGE_WORDS) as Change[];
const isChange = ({ change }: PlannedChange) => change !== 'keep';

/** What would become of the node in a few words; by its steps, where no container is touched. */
export function groupSummary({ changes, steps }: Pick<PlanGroup, 'changes' | 'steps'>): string {
  if (changes.some(isChange)) return summary(changes);
  if (steps.length > 0) return steps.map(({ step }) => step).join(', ');
  return changes.length === 0 ? 'nothing to do' : summary(changes);
}

/** `1 recreated, 2 kept`; `nothing` where no container would be touched or kept. */
export function summary(changes: readonly PlannedChange[]): string {
  const parts = CHANGES.map((change) => ({ change, count: changes.filter((each) => each.change === change).length }))
    .filter(({ count }) => count > 0)
    .map(({ change, count }) => `${count} ${CHANGE_WORDS[change]}`);
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}

export interface PlanGroup {
  readonly state: PlannedNode['state'];
  readonly reason: string | null;
  readonly names: readonly string[];
  readonly batches: readonly number[];
  readonly steps: PlannedNode['steps'];
  readonly changes: readonly PlannedChange[];
}

const ORDER: readonly PlannedNode['state'][] = ['failed', 'planned', 'leaves', 'parked'];

/** Container names differ by node only in what the project is called: they are no reason to tell two nodes apart. */
function likeness({ state, reason, changes, steps }: PlannedNode): string {
  return JSON.stringify([
    state,
    reason,
    steps,
    changes.map(({ service, change, reasons }) => [service, change, reasons]),
  ]);
}

export function planGroups({ nodes }: Pick<StackPlan, 'nodes'>): PlanGroup[] {
  const groups = new Map<string, PlannedNode[]>();
  for (const node of nodes) {
    const key = likeness(node);
    groups.set(key, [...(groups.get(key) ?? []), node]);
  }
  return [...groups.values()]
    .map((alike): PlanGroup => {
      const { state, reason, steps, changes } = alike[0] as PlannedNode;
      const names = alike.map(({ nodeName }) => nodeName).sort(byName);
      const batches = [...new Set(alike.map(({ batch }) => batch))].sort((a, b) => a - b);
      return { state, reason, names, batches, steps, changes };
    })
    .sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || (a.batches[0] ?? 0) - (b.batches[0] ?? 0));
}

const NAMED = 6;
/** `nas-1, nas-2 and 40 more`. */
export function nodeList(names: readonly string[]): string {
  if (names.length <= NAMED + 1) return names.join(', ');
  return `${names.slice(0, NAMED).join(', ')} and ${names.length - NAMED} more`;
}

export function batchWords(batches: readonly number[]): string {
  const [first] = batches;
  const last = batches.at(-1);
  return batches.length === 1 ? `batch ${first}` : `batches ${first}–${last}`;
}

/** What a node that is no plain plan means. */
export function stateWords({ state, names }: Pick<PlanGroup, 'state' | 'names'>): string {
  const are = names.length === 1 ? 'is' : 'are';
  switch (state) {
    case 'parked':
      return `not connected: ${names.length === 1 ? 'it gets' : 'they get'} the change on reconnect`;
    case 'leaves':
      return 'the stack is taken away from here; named volumes stay';
    case 'failed':
      return `could not be asked; a deployment would still be sent, but what it changes ${are} not known`;
    case 'planned':
      return '';
  }
}

/** As far as it is known: a step counts also where no container is touched. */
function isTouched({ state, steps, changes }: PlannedNode): boolean {
  return state === 'leaves' || (state === 'planned' && (steps.length > 0 || changes.some(isChange)));
}

/** The whole plan in a sentence. What could not be asked is never called nothing. */
export function planTitle({ revision, changed, nodes }: StackPlan): string {
  const count = (wanted: PlannedNode['state']) => nodes.filter(({ state }) => state === wanted).length;
  const touched = nodes.filter(isTouched).length;
  const parked = count('parked');
  const failed = count('failed');
  const unknown = failed === 0 ? '' : ` What changes on ${plural(failed, 'node')} is not known.`;
  if (!changed && touched === 0) {
    if (parked > 0)
      return `Nothing to do now: revision ${revision} is exactly this; ${plural(parked, 'node')} may follow later.${unknown}`;
    if (failed > 0) return `Revision ${revision} is exactly this.${unknown}`;
    return `Nothing to do: revision ${revision} is exactly this and runs so.`;
  }
  const later = parked === 0 ? '' : `, ${plural(parked, 'node')} later`;
  return `Revision ${revision} would change ${plural(touched, 'node')} now${later}.${unknown}`;
}
