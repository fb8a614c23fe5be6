// A plan for people: each node with what would become of its services, and why. Pure.
import type { Schemas } from '#clients/sdk/client.ts';
import { visible } from '#clients/sdk/terminal-text.ts';
import { table } from './table.ts';

type Plan = Schemas['StackPlan'];
type PlannedNode = Plan['nodes'][number];
type Change = PlannedNode['changes'][number];

const SIGNS: Readonly<Record<Change['change'], string>> = {
  create: '+',
  start: '+',
  recreate: '~',
  stop: '-',
  remove: '-',
  keep: '=',
};

const columns = [
  { title: '', of: ({ change, service }: Change) => `  ${SIGNS[change]} ${service}` },
  { title: '', of: ({ change }: Change) => change },
  { title: '', of: ({ reasons }: Change) => reasons.map(({ kind, detail }) => detail || kind).join('; ') },
];

const isChange = ({ change }: Change) => change !== 'keep';

function headOf({ nodeName, state, reason, changes, steps }: PlannedNode): string {
  const why = reason === null ? '' : `: ${reason}`;
  if (state === 'parked') return `${nodeName}  parked${why || ': it follows when it is back'}`;
  if (state === 'failed') return `${nodeName}  can't tell${why}`;
  if (state === 'leaves') return `${nodeName}  the stack is taken away${why}`;
  const count = changes.filter(isChange).length;
  if (count > 0) return `${nodeName}  ${count} ${count === 1 ? 'change' : 'changes'}${why}`;
  return `${nodeName}  ${steps.length === 0 ? 'nothing to do' : steps.map(({ step }) => step).join(', ')}${why}`;
}

export function isEmpty({ changed, nodes }: Plan): boolean {
  return (
    !changed &&
    nodes.every(({ state, steps, changes }) => state !== 'leaves' && steps.length === 0 && !changes.some(isChange))
  );
}

export function planText(plan: Plan, width: number | null): string {
  const { name, revision, changed, nodes } = plan;
  const batches = new Set(nodes.map(({ batch }) => batch)).size;
  const head = `${name} revision ${revision}${changed ? '' : ' (as it is)'}`;
  const parts = nodes.map((node) => {
    const batch = batches > 1 ? ` (batch ${node.batch})` : '';
    return `${visible(headOf(node) + batch)}\n${table(columns, node.changes, { headers: false, wide: false, width })}`;
  });
  return `${visible(head)}\n${parts.join('')}`;
}
