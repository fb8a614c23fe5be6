// Name, labels and heartbeat of a node, and what becomes of images that nothing needs there.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { configureNode } from '../api/changes.ts';
import type { Node } from '../api/shapes.ts';
import { Dialog } from '../parts/dialog.tsx';
import { labelText, parseLabels } from '../parts/labels.ts';
import { NumberField } from '../parts/number-field.tsx';
import { ProblemView } from '../parts/problem-view.tsx';

const PRUNING = [
  ['off', 'stay until somebody prunes'],
  ['dangling', 'are removed every day when they have no name'],
  ['unused', 'are removed every day, named ones too'],
] as const;

export function NodeSettings({ node, onClose }: { node: Node; onClose: () => void }) {
  const cache = useQueryClient();
  const [name, setName] = useState(node.name);
  const [labels, setLabels] = useState(labelText(node.labels));
  const [heartbeat, setHeartbeat] = useState(String(node.heartbeatSeconds));
  const [pruneImages, setPruneImages] = useState(node.pruneImages ?? 'off');
  const save = useMutation({
    mutationFn: () =>
      configureNode(node.id, {
        name: name.trim(),
        labels: parseLabels(labels),
        heartbeatSeconds: Number(heartbeat),
        ...(pruneImages === (node.pruneImages ?? 'off') ? {} : { pruneImages }),
      }),
    onSuccess: async () => {
      onClose();
      await Promise.all([['nodes'], ['node', node.id]].map((queryKey) => cache.invalidateQueries({ queryKey })));
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Dialog title={`Settings of ${node.name}`} onClose={onClose}>
      <form onSubmit={submit} className="space-y-4">
        <label className="label">
          <span>Name</span>
          <input
            className="field"
            required
            value={name}
            spellCheck={false}
            onChange={(event) => setName(event.target.value)}
          />
        </label>
        <label className="label">
          <span>Labels</span>
          <input
            className="field font-mono text-mono"
            value={labels}
            placeholder="env=prod region=eu"
            spellCheck={false}
            onChange={(event) => setLabels(event.target.value)}
          />
        </label>
        <p className="hint">Stacks that choose their nodes by label come and go with them.</p>
        <NumberField
          label="Heartbeat, seconds"
          min={1}
          max={300}
          required
          value={heartbeat}
          onType={(text) => setHeartbeat(text)}
        />
        <label className="label">
          <span>Images that nothing needs</span>
          <select
            className="field"
            value={pruneImages}
            onChange={({ target }) => setPruneImages(PRUNING.find(([each]) => each === target.value)?.[0] ?? 'off')}
          >
            {PRUNING.map(([policy, words]) => (
              <option key={policy} value={policy}>
                {words}
              </option>
            ))}
          </select>
        </label>
        {save.error && <ProblemView error={save.error} />}
        <div className="flex justify-end gap-2">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button button-main" disabled={save.isPending}>
            {save.isPending ? 'Saving …' : 'Save'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
