// Where a stack should run: on nodes with certain labels, or on nodes picked one by one.
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { nodes } from '../api/queries.ts';
import type { Node } from '../api/shapes.ts';
import { matches, parseFilter } from '../lists/filter.ts';
import { nodeState, searchableNode } from '../nodes/node-row.ts';
import { parseLabels } from '../parts/labels.ts';
import { State } from '../parts/marks.tsx';
import { ScrollArea } from '../parts/scroll-area.tsx';
import { plural } from '../parts/words.ts';
import type { Draft } from './draft.ts';

const SHOWN = 60;

interface Props {
  draft: Draft;
  onChange: (patch: Partial<Draft>) => void;
}

function Picker({
  all,
  picked,
  onPick,
}: {
  all: readonly Node[];
  picked: readonly string[];
  onPick: (ids: string[]) => void;
}) {
  const [text, setText] = useState('');
  const chosen = new Set(picked);
  const found = useMemo(() => {
    const tokens = parseFilter(text);
    return all.filter((node) => matches(searchableNode({ node, phases: {}, stacks: 0 }), tokens));
  }, [all, text]);
  const ordered = found.toSorted((a, b) => Number(chosen.has(b.id)) - Number(chosen.has(a.id)));
  const toggle = (id: string) => onPick(chosen.has(id) ? picked.filter((each) => each !== id) : [...picked, id]);
  return (
    <div className="space-y-2">
      <input
        type="search"
        className="field"
        aria-label="Find nodes"
        placeholder="name, label:env=prod"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <ScrollArea label="Nodes" className="panel max-h-56 py-1">
        {ordered.slice(0, SHOWN).map((node) => (
          <label key={node.id} className="flex h-7 items-center gap-2.5 px-3 hover:bg-hover">
            <input
              type="checkbox"
              className="size-4 accent-accent"
              checked={chosen.has(node.id)}
              onChange={() => toggle(node.id)}
            />
            <span className="min-w-0 flex-1 truncate">{node.name}</span>
            <State state={nodeState(node)} />
          </label>
        ))}
        {found.length > SHOWN && <p className="px-3 py-1 text-ink-3">{found.length - SHOWN} more: narrow the search</p>}
        {found.length === 0 && <p className="px-3 py-1 text-ink-3">No node found.</p>}
      </ScrollArea>
      <p className="hint">{plural(picked.length, 'node')} picked</p>
    </div>
  );
}

export function TargetsFields({ draft, onChange }: Props) {
  const { data } = useQuery(nodes);
  const all = data ?? [];
  const selector = Object.entries(parseLabels(draft.selector));
  const matching = all.filter((node) => selector.every(([key, value]) => node.labels[key] === value)).length;
  return (
    <fieldset className="space-y-2.5">
      <legend className="label mb-1.5">Runs on</legend>
      <div className="flex gap-5">
        {(['nodes', 'selector'] as const).map((by) => (
          <label key={by} className="flex h-6 items-center gap-2">
            <input
              type="radio"
              name="by"
              className="size-4 accent-accent"
              checked={draft.by === by}
              onChange={() => onChange({ by })}
            />
            {by === 'nodes' ? 'these nodes' : 'every node with labels'}
          </label>
        ))}
      </div>
      {draft.by === 'nodes' ? (
        <Picker all={all} picked={draft.nodes} onPick={(picked) => onChange({ nodes: picked })} />
      ) : (
        <div className="space-y-1.5">
          <input
            className="field font-mono text-mono"
            aria-label="Labels"
            placeholder="env=prod"
            value={draft.selector}
            spellCheck={false}
            onChange={(event) => onChange({ selector: event.target.value })}
          />
          <p className="hint">
            {selector.length === 0 ? `No label means every node: ${all.length} now` : `${plural(matching, 'node')} now`}
            , and each that matches later.
          </p>
        </div>
      )}
    </fieldset>
  );
}
