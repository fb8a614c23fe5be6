// How a change goes over the nodes, what happens when it fails, and what is done about hand-made changes.
import { BATCH, PROFILES } from '../api/names.ts';
import { NumberField } from '../parts/number-field.tsx';
import type { Draft, RolloutDraft } from './draft.ts';

interface Props {
  draft: Draft;
  onChange: (patch: Partial<Draft>) => void;
}

export function RolloutFields({ draft, onChange }: Props) {
  const { rollout } = draft;
  const change = (patch: Partial<RolloutDraft>) => onChange({ rollout: { ...rollout, ...patch } });
  const inBatches = rollout.batch.trim() !== '';
  return (
    <div className="space-y-4">
      <div className="grid grid-cols-2 gap-3">
        <label className="label">
          <span>Nodes at a time</span>
          <input
            className="field"
            value={rollout.batch}
            placeholder="all at once"
            {...BATCH}
            onChange={(event) => change({ batch: event.target.value })}
          />
        </label>
        <NumberField
          label="Pause between, seconds"
          min={0}
          max={86_400}
          disabled={!inBatches}
          placeholder="0"
          value={rollout.pauseSeconds}
          onType={(text) => change({ pauseSeconds: text })}
        />
        <label className="label">
          <span>Next batch goes</span>
          <select
            className="field"
            disabled={!inBatches}
            value={rollout.gate}
            onChange={(event) => change({ gate: event.target.value === 'manual' ? 'manual' : 'healthy' })}
          >
            <option value="healthy">when the last is healthy</option>
            <option value="manual">when I say so</option>
          </select>
        </label>
        <NumberField
          label="At most away at once"
          min={1}
          max={10_000}
          disabled={!inBatches}
          placeholder="one batch"
          value={rollout.maxUnavailable}
          onType={(text) => change({ maxUnavailable: text })}
        />
      </div>
      {inBatches && (
        <p className="hint">The first batch is always one node. The rollout stops at a batch that fails.</p>
      )}
      <div className="grid grid-cols-2 gap-3">
        <NumberField
          label="Must stay up for, seconds"
          min={0}
          max={600}
          placeholder="5"
          value={rollout.stabilitySeconds}
          onType={(text) => change({ stabilitySeconds: text })}
        />
        <NumberField
          label="Healthy within, seconds"
          min={1}
          max={3600}
          placeholder="120"
          value={rollout.healthTimeoutSeconds}
          onType={(text) => change({ healthTimeoutSeconds: text })}
        />
      </div>
      <label className="flex min-h-6 items-center gap-2">
        <input
          type="checkbox"
          className="size-4 shrink-0 accent-accent"
          checked={rollout.rollback}
          onChange={(event) => change({ rollback: event.target.checked })}
        />
        Go back to the last good revision when it fails
      </label>
      <label className="label">
        <span>Changes made by hand on a node</span>
        <select
          className="field"
          value={draft.drift}
          onChange={(event) => onChange({ drift: event.target.value === 'report' ? 'report' : 'correct' })}
        >
          <option value="correct">are put right</option>
          <option value="report">are only told</option>
        </select>
      </label>
      <label className="label">
        <span>
          Profiles <span className="font-normal text-ink-3">separated by spaces</span>
        </span>
        <input
          className="field font-mono text-mono"
          {...PROFILES}
          value={draft.profiles}
          placeholder="debug backup"
          spellCheck={false}
          onChange={(event) => onChange({ profiles: event.target.value })}
        />
      </label>
    </div>
  );
}
