// A stack's specification while it is being written: texts as typed, and what they make. Pure.
import type { StackSpec } from '../api/shapes.ts';
import { environmentText, labelText, parseEnvironment, parseLabels } from '../parts/labels.ts';

export interface Draft {
  readonly compose: string;
  readonly environment: string;
  readonly by: 'selector' | 'nodes';
  readonly selector: string;
  readonly nodes: readonly string[];
}

export const EMPTY_DRAFT: Draft = { compose: '', environment: '', by: 'nodes', selector: '', nodes: [] };

export function draftOf(spec: StackSpec): Draft {
  return {
    compose: spec.compose ?? '',
    environment: environmentText(spec.env ?? {}),
    by: spec.targets.selector === undefined ? 'nodes' : 'selector',
    selector: labelText(spec.targets.selector ?? {}),
    nodes: spec.targets.nodes ?? [],
  };
}

/** What the form does not show (files, strategy, state) stays as it was. */
export function specOf(draft: Draft, before: StackSpec | null): StackSpec {
  const env = parseEnvironment(draft.environment);
  const { env: _, ...rest } = before ?? { compose: '', targets: {} };
  return {
    ...rest,
    compose: draft.compose,
    targets: targetsOf(draft, before),
    ...(Object.keys(env).length === 0 ? {} : { env }),
  };
}

/** A stack may have both a selector and single nodes; the half that the form does not show is kept. */
function targetsOf(draft: Draft, before: StackSpec | null): StackSpec['targets'] {
  const had = before?.targets;
  const hadBoth = had?.selector !== undefined && had.nodes !== undefined;
  const nodes = draft.by === 'nodes' || hadBoth ? { nodes: [...draft.nodes] } : {};
  const selector = draft.by === 'selector' ? { selector: parseLabels(draft.selector) } : {};
  return { ...nodes, ...selector };
}
