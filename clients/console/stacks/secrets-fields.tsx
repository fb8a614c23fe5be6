// Which secrets a stack gets and how: as a file, or as an environment variable too, which is said to be readable.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useId } from 'react';
import { SECRET_NAME, VARIABLE } from '../api/names.ts';
import { secrets } from '../api/queries.ts';
import { useValidity } from '../parts/validity.ts';
import type { Draft, SecretDraft } from './draft.ts';

interface Props {
  draft: Draft;
  onChange: (patch: Partial<Draft>) => void;
}

function variableOf(name: string): string {
  return name
    .toUpperCase()
    .replace(/[^A-Z0-9_]/g, '_')
    .replace(/^(?=\d)/, '_');
}

interface UseProps {
  use: SecretDraft;
  isTwice: boolean;
  onChange: (use: SecretDraft) => void;
  onRemove: () => void;
}

function Use({ use, isTwice, onChange, onRemove }: UseProps) {
  const warning = useId();
  const file = useValidity<HTMLInputElement>(isTwice ? 'Another secret has this file.' : null);
  const of = use.secret === '' ? use.name : use.secret;
  return (
    <li className="space-y-2 px-3 py-2.5">
      <div className="flex items-center gap-2">
        <span className="min-w-0 flex-1 truncate font-mono text-mono font-semibold">{of}</span>
        <button type="button" className="button button-quiet h-6" aria-label={`Remove secret ${of}`} onClick={onRemove}>
          Remove
        </button>
      </div>
      <div className="grid grid-cols-2 gap-2">
        <label className="label">
          <span className="column-title">File in /run/secrets</span>
          <input
            ref={file}
            className="field font-mono text-mono"
            required
            {...SECRET_NAME}
            value={use.name}
            spellCheck={false}
            onChange={(event) => onChange({ ...use, name: event.target.value, secret: of })}
          />
        </label>
        <label className="label">
          <span className="column-title">Services</span>
          <input
            className="field font-mono text-mono"
            value={use.services}
            placeholder="those that name it"
            spellCheck={false}
            onChange={(event) => onChange({ ...use, services: event.target.value })}
          />
        </label>
      </div>
      <div className="flex flex-wrap items-center gap-2">
        <label className="flex h-6 items-center gap-2">
          <input
            type="checkbox"
            className="size-4 accent-accent"
            checked={use.environment !== null}
            aria-describedby={use.environment === null ? undefined : warning}
            onChange={(event) => onChange({ ...use, environment: event.target.checked ? variableOf(of) : null })}
          />
          as environment variable too
        </label>
        {use.environment !== null && (
          <input
            className="field min-w-32 flex-1 font-mono text-mono"
            required
            aria-label={`Variable for ${of}`}
            {...VARIABLE}
            value={use.environment}
            spellCheck={false}
            onChange={(event) => onChange({ ...use, environment: event.target.value })}
          />
        )}
      </div>
      {use.environment !== null && (
        <p id={warning} className="rounded-md border border-warn bg-warn-soft px-3 py-1.5">
          A variable stays readable: in <code className="font-mono text-mono">docker inspect</code>, for every process
          in the container, and on the node’s disk. The file is not.
        </p>
      )}
    </li>
  );
}

export function SecretsFields({ draft, onChange }: Props) {
  const { data } = useQuery(secrets);
  const used = new Set(draft.secrets.map(({ name, secret }) => (secret === '' ? name : secret)));
  const free = (data?.items ?? []).filter(({ name }) => !used.has(name));
  const put = (uses: readonly SecretDraft[]) => onChange({ secrets: uses });
  return (
    <div className="space-y-2.5">
      {draft.secrets.length > 0 && (
        <ul className="panel divide-y divide-line" aria-label="Secrets of the stack">
          {draft.secrets.map((use, at) => (
            <Use
              // biome-ignore lint/suspicious/noArrayIndexKey: its name is being typed
              key={at}
              use={use}
              isTwice={draft.secrets.some(({ name }, place) => place !== at && name === use.name)}
              onChange={(changed) => put(draft.secrets.with(at, changed))}
              onRemove={() => put(draft.secrets.toSpliced(at, 1))}
            />
          ))}
        </ul>
      )}
      {free.length > 0 ? (
        <select
          className="field"
          aria-label="Add a secret"
          value=""
          onChange={({ target }) =>
            put([...draft.secrets, { name: target.value, secret: '', services: '', environment: null }])
          }
        >
          <option value="" disabled>
            Add a secret …
          </option>
          {free.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      ) : (
        <p className="hint">
          {(data?.items.length ?? 0) === 0 ? 'There are no secrets yet. ' : 'All secrets are in use here. '}
          <Link to="/secrets" className="link">
            Set one
          </Link>
        </p>
      )}
    </div>
  );
}
