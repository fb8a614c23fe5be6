// Adding a node: what it should be called, then one command to paste, then waiting until it is there.
import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { createToken } from '../api/changes.ts';
import { nodes } from '../api/queries.ts';
import type { IssuedToken } from '../api/shapes.ts';
import { Dialog } from '../parts/dialog.tsx';
import { parseLabels } from '../parts/labels.ts';
import { ProblemView } from '../parts/problem-view.tsx';
import type { Expected } from './newcomer.ts';
import { WaitForNode } from './wait-for-node.tsx';

const LIVES: readonly (readonly [number, string])[] = [
  [900, '15 minutes'],
  [3600, '1 hour'],
  [28_800, '8 hours'],
  [86_400, '1 day'],
];

export function AddNode({ onClose }: { onClose: () => void }) {
  const { data: before } = useQuery(nodes);
  const [name, setName] = useState('');
  const [labels, setLabels] = useState('');
  const [ttlSeconds, setLife] = useState(3600);
  const [issued, setIssued] = useState<{ token: IssuedToken; expected: Expected } | null>(null);
  const create = useMutation({ mutationFn: createToken });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wanted = { name: name.trim(), labels: parseLabels(labels) };
    const known = new Set((before ?? []).map((node) => node.id));
    create.mutate(
      {
        ttlSeconds,
        ...(wanted.name === '' ? {} : { name: wanted.name }),
        ...(Object.keys(wanted.labels).length === 0 ? {} : { labels: wanted.labels }),
      },
      {
        onSuccess: (token) =>
          setIssued({
            token,
            expected: { known, name: wanted.name === '' ? null : wanted.name, labels: wanted.labels },
          }),
      },
    );
  };
  return (
    <Dialog title="Add node" onClose={onClose} wide={issued !== null}>
      {issued !== null ? (
        <WaitForNode token={issued.token} expected={issued.expected} onClose={onClose} />
      ) : (
        <form onSubmit={submit} className="space-y-4">
          <label className="label">
            <span>
              Name <span className="font-normal text-ink-3">optional</span>
            </span>
            <input
              className="field"
              value={name}
              placeholder="the machine’s host name"
              spellCheck={false}
              autoComplete="off"
              onChange={(event) => setName(event.target.value)}
            />
          </label>
          <label className="label">
            <span>
              Labels <span className="font-normal text-ink-3">optional</span>
            </span>
            <input
              className="field font-mono text-mono"
              value={labels}
              placeholder="env=prod region=eu"
              spellCheck={false}
              autoComplete="off"
              onChange={(event) => setLabels(event.target.value)}
            />
          </label>
          <label className="label">
            <span>The command is good for</span>
            <select className="field" value={ttlSeconds} onChange={(event) => setLife(Number(event.target.value))}>
              {LIVES.map(([seconds, words]) => (
                <option key={seconds} value={seconds}>
                  {words}
                </option>
              ))}
            </select>
          </label>
          <p className="hint">It adds one node, once. The node makes its own keys; they never leave it.</p>
          {create.error && <ProblemView error={create.error} />}
          <div className="flex justify-end gap-2">
            <button type="button" className="button" onClick={onClose}>
              Cancel
            </button>
            <button type="submit" className="button button-main" disabled={create.isPending}>
              {create.isPending ? 'Making …' : 'Make the command'}
            </button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
