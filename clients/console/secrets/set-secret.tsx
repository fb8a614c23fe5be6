// Setting a secret, or giving it a new value. The value stands in its field only: it is taken from there when it is sent,
// the field is emptied, and nothing here keeps it.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useRef, useState } from 'react';
import { putSecret } from '../api/changes.ts';
import { SECRET_NAME } from '../api/names.ts';
import type { Secret } from '../api/shapes.ts';
import { Dialog } from '../parts/dialog.tsx';
import { ProblemView } from '../parts/problem-view.tsx';
import { plural } from '../parts/words.ts';
import { usedWords } from './secret-words.ts';

export function SetSecret({ secret, onClose }: { secret: Secret | null; onClose: () => void }) {
  const cache = useQueryClient();
  const ids = useId();
  const value = useRef<HTMLTextAreaElement>(null);
  const [name, setName] = useState(secret?.name ?? '');
  const [description, setDescription] = useState(secret?.description ?? '');
  const [isShown, setShown] = useState(false);
  const save = useMutation({
    mutationFn: () => {
      const field = value.current;
      const taken = field?.value ?? '';
      if (field !== null) field.value = '';
      return putSecret(name.trim(), taken, description.trim());
    },
    onSuccess: () => cache.invalidateQueries({ queryKey: ['secrets'] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const title = secret === null ? 'Set a secret' : `New value for ${secret.name}`;
  if (save.data !== undefined) {
    const { version, deployments, warnings } = save.data;
    return (
      <Dialog title={title} onClose={onClose}>
        <div className="space-y-4" role="status">
          <p>
            <strong className="font-semibold">{name}</strong> is set, version {version}. It can not be read again.
          </p>
          {deployments.length > 0 && (
            <p className="text-ink-2">
              On its way to {plural(deployments.length, 'stack')}: {deployments.map(({ stack }) => stack).join(', ')}.
            </p>
          )}
          {warnings.map((warning) => (
            <p key={warning} className="text-warn">
              {warning}
            </p>
          ))}
          <div className="flex justify-end">
            <button type="button" className="button button-main" onClick={onClose}>
              Done
            </button>
          </div>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={submit} autoComplete="off" className="space-y-4">
        {secret === null ? (
          <label className="label">
            <span>Name</span>
            <input
              className="field font-mono text-mono"
              required
              value={name}
              placeholder="db-password"
              {...SECRET_NAME}
              autoComplete="off"
              spellCheck={false}
              onChange={(event) => setName(event.target.value)}
            />
          </label>
        ) : (
          <p className="text-ink-2">
            Version {secret.version + 1} takes the place of version {secret.version}. Used by {usedWords(secret)}:
            {secret.stacks.length === 0 ? ' nothing is made anew.' : ' just the services that use it are made anew.'}
          </p>
        )}
        <div>
          <div className="mb-1.5 flex items-center justify-between">
            <label htmlFor={`${ids}value`} className="font-medium">
              Value
            </label>
            <label className="flex h-6 items-center gap-2 text-ink-2">
              <input
                type="checkbox"
                className="size-4 accent-accent"
                checked={isShown}
                onChange={(event) => setShown(event.target.checked)}
              />
              Show while typing
            </label>
          </div>
          <textarea
            ref={value}
            id={`${ids}value`}
            required
            rows={4}
            className={`field ${isShown ? '' : 'hidden-text'}`}
            autoComplete="off"
            autoCapitalize="off"
            autoCorrect="off"
            spellCheck={false}
            aria-describedby={`${ids}hint`}
          />
          <p id={`${ids}hint`} className="hint mt-1.5">
            Taken as it is, with every space and line end. It is sealed on receipt and never shown again.
          </p>
        </div>
        <label className="label">
          <span>
            Description <span className="font-normal text-ink-3">not secret</span>
          </span>
          <input
            className="field"
            maxLength={500}
            value={description}
            autoComplete="off"
            onChange={(event) => setDescription(event.target.value)}
          />
        </label>
        {save.error && (
          <>
            <ProblemView error={save.error} />
            <p className="text-ink-2">The value was not kept here: type it again.</p>
          </>
        )}
        <div className="flex justify-end gap-2">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button button-main" disabled={save.isPending}>
            {save.isPending ? 'Sealing …' : secret === null ? 'Set secret' : 'Rotate'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
