// What is kept of a stack's output.
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
        <label className="label">
          <span>Lines a second on a node</span>
          <input
            className="field"
            type="number"
            min={1}
            max={1_000_000}
            disabled={isOff}
            value={logs.linesPerSecond}
            placeholder="20000"
            onChange={(event) => change({ linesPerSecond: event.target.value })}
          />
        </label>
        <label className="label">
          <span>Kept for, days</span>
          <input
            className="field"
            type="number"
            min={1}
            max={3650}
            disabled={isOff}
            value={logs.keepDays}
            placeholder="as long as there is room"
            onChange={(event) => change({ keepDays: event.target.value })}
          />
        </label>
      </div>
      <p className="hint">Lines over the rate are counted, and shown as a gap in the log.</p>
    </div>
  );
}
