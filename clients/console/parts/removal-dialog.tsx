// Removing something: says what happens and what keeps running, and wants the name typed.
import { type FormEvent, type ReactNode, useState } from 'react';
import { Dialog } from './dialog.tsx';
import { ProblemView } from './problem-view.tsx';

interface Props {
  title: string;
  name: string;
  verb: string;
  busy: boolean;
  error: Error | null;
  onConfirm: () => void;
  onClose: () => void;
  children: ReactNode;
}

export function RemovalDialog({ title, name, verb, busy, error, onConfirm, onClose, children }: Props) {
  const [typed, setTyped] = useState('');
  const right = typed === name;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (right && !busy) onConfirm();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={submit} className="space-y-4">
        <div className="space-y-2 text-ink-2">{children}</div>
        <label className="label">
          <span>
            Type <code className="rounded bg-hover px-1 font-mono text-mono select-all">{name}</code> to confirm
          </span>
          <input
            className="field font-mono text-mono"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
          />
        </label>
        {error && <ProblemView error={error} />}
        <div className="flex justify-end gap-2">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button button-bad" disabled={!right || busy}>
            {busy ? 'Removing …' : verb}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
