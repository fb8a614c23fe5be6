// What is kept of a stack's output.

import { NumberField } from '../parts/number-field.tsx';
import type { Draft, LogsDraft } from './draft.ts';

interface Props {
  draft: Draft;
  onChange: (patch: Partial<Draft>) => void;
}

const POLICIES: readonly (readonly [LogsDraft['collect'], string])[] = [
  ['all', 'all of it'],
  ['errors', 'what goes to stderr'],
  ['off', 'nothing'],
];

export function LogsFields({ draft, onChange }: Props) {
  const { logs } = draft;
  const change = (patch: Partial<LogsDraft>) => onChange({ logs: { ...logs, ...patch } });
  const isOff = logs.collect === 'off';
  return (
    <div className="space-y-4">
      <label className="label">
        <span>Of its output is kept</span>
        <select
          className="field"
          value={logs.collect}
          onChange={({ target }) => change({ collect: POLICIES.find(([each]) => each === target.value)?.[0] ?? 'all' })}
        >
          {POLICIES.map(([policy, words]) => (
            <option key={policy} value={policy}>
              {words}
            </option>
          ))}
        </select>
      </label>
      <div className="grid grid-cols-2 gap-3">
        <NumberField
          label="Lines a second on a node"
          min={1}
          max={1_000_000}
          disabled={isOff}
          placeholder="20000"
          value={logs.linesPerSecond}
          onType={(text) => change({ linesPerSecond: text })}
        />
        <NumberField
          label="Kept for, days"
          min={1}
          max={3650}
          disabled={isOff}
          placeholder="as long as there is room"
          value={logs.keepDays}
          onType={(text) => change({ keepDays: text })}
        />
      </div>
      <p className="hint">Lines over the rate are counted, and shown as a gap in the log.</p>
    </div>
  );
}
