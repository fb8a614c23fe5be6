// Stacks that must run on their nodes before this one is deployed.
import { useQuery } from '@tanstack/react-query';
import { stacks } from '../api/queries.ts';
import type { Draft } from './draft.ts';

interface Props {
  draft: Draft;
  /** Of the stack itself, which waits for no other to be itself. */
  own: string;
  onChange: (patch: Partial<Draft>) => void;
}

export function DependsFields({ draft, own, onChange }: Props) {
  const { data } = useQuery(stacks);
  const { dependsOn } = draft;
  const free = (data ?? []).map(({ name }) => name).filter((name) => name !== own && !dependsOn.includes(name));
  const put = (names: readonly string[]) => onChange({ dependsOn: names });
  return (
    <div className="space-y-2">
      {dependsOn.length > 0 && (
        <ul className="panel divide-y divide-line" aria-label="Stacks it waits for">
          {dependsOn.map((name) => (
            <li key={name} className="flex items-center gap-2 py-1 pr-1 pl-3">
              <span className="min-w-0 flex-1 truncate">{name}</span>
              <button
                type="button"
                className="button button-quiet h-6"
                aria-label={`Don’t wait for ${name}`}
                onClick={() => put(dependsOn.filter((each) => each !== name))}
              >
                Remove
              </button>
            </li>
          ))}
        </ul>
      )}
      <label className="label">
        <span>Waits until these stacks run</span>
        <select
          className="field"
          value=""
          disabled={free.length === 0}
          onChange={({ target }) => put([...dependsOn, target.value])}
        >
          <option value="" disabled>
            {free.length === 0 ? 'there is no other stack' : 'Add a stack …'}
          </option>
          {free.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
    </div>
  );
}
