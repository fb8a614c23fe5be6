// How a reader is made: by a command, because its key must not come through a browser or the core.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { READER_NAME } from '../api/names.ts';
import { nodes } from '../api/queries.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { NumberField } from '../parts/number-field.tsx';
import { byName } from '../parts/words.ts';
import { type ReaderDraft, readerCommand } from './reader-command.ts';

export function AddReader({ onClose }: { onClose: () => void }) {
  const known = useQuery(nodes);
  const [draft, setDraft] = useState<ReaderDraft>({ name: '', role: 'events', nodes: [], days: '365' });
  const change = (patch: Partial<ReaderDraft>) => setDraft({ ...draft, ...patch });
  const command = readerCommand(draft);
  const names = (known.data ?? []).map(({ name }) => name).sort(byName);
  return (
    <Dialog title="Add reader" onClose={onClose} wide>
      <div className="space-y-4">
        <div className="grid gap-3 sm:grid-cols-3">
          <label className="label">
            <span>Name</span>
            <input
              className="field font-mono text-mono"
              value={draft.name}
              placeholder="dashboard"
              {...READER_NAME}
              spellCheck={false}
              autoComplete="off"
              onChange={({ target }) => change({ name: target.value })}
            />
          </label>
          <label className="label">
            <span>Reads</span>
            <select
              className="field"
              value={draft.role}
              onChange={({ target }) => change({ role: target.value === 'audit' ? 'audit' : 'events' })}
            >
              <option value="events">events</option>
              <option value="audit">audit records</option>
            </select>
          </label>
          <NumberField label="Days" min={1} max={730} value={draft.days} onType={(text) => change({ days: text })} />
        </div>
        {draft.role === 'events' && (
          <label className="label">
            <span>
              Of these nodes <span className="font-normal text-ink-3">none chosen: all, and deployments</span>
            </span>
            <select
              multiple
              size={Math.min(6, Math.max(2, names.length))}
              className="field h-auto py-1"
              value={[...draft.nodes]}
              onChange={({ target }) => change({ nodes: [...target.selectedOptions].map(({ value }) => value) })}
            >
              {names.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
        )}
        <div className="rounded-lg border border-line bg-rail p-3">
          <code className="block font-mono text-mono break-all select-all">{command}</code>
        </div>
        <p className="hint">
          Run it where the credential is needed. The key is made there; the core gets its public half only. Beside the
          credential it writes the certificate of the server that it is for.
        </p>
        <div className="flex justify-end gap-2">
          <button type="button" className="button" onClick={onClose}>
            Close
          </button>
          <CopyButton text={command} what="the command" />
        </div>
      </div>
    </Dialog>
  );
}
