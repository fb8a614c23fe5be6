// Setting a target of messages. Its address and its secret are taken, and never shown again.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { putNotification } from '../api/changes.ts';
import { NOTIFICATION_NAME } from '../api/names.ts';
import { stacks } from '../api/queries.ts';
import type { Notification } from '../api/shapes.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Fold } from '../parts/fold.tsx';
import { NumberField } from '../parts/number-field.tsx';
import { ProblemView } from '../parts/problem-view.tsx';
import { byName } from '../parts/words.ts';
import { CONDITIONS, draftOf, KINDS, type NotificationDraft, SEVERITIES, specOf } from './notification-draft.ts';

interface Fields {
  draft: NotificationDraft;
  onChange: (patch: Partial<NotificationDraft>) => void;
}

function Secret({ value }: { value: string }) {
  return (
    <div className="space-y-2">
      <p>Its messages are signed with this secret. It is shown once:</p>
      <div className="flex items-center gap-2 rounded-lg border border-line bg-rail p-3">
        <code className="min-w-0 flex-1 font-mono text-mono break-all select-all">{value}</code>
        <CopyButton text={value} what="the secret" />
      </div>
    </div>
  );
}

function Choice({ draft, onChange }: Fields) {
  const known = useQuery(stacks);
  const toggle = (condition: NotificationDraft['conditions'][number]) =>
    onChange({
      conditions: draft.conditions.includes(condition)
        ? draft.conditions.filter((each) => each !== condition)
        : [...draft.conditions, condition],
    });
  const names = [...new Set([...(known.data ?? []).map(({ name }) => name), ...draft.stacks])].sort(byName);
  return (
    <div className="space-y-4">
      <fieldset>
        <legend className="mb-1 font-medium">
          When <span className="font-normal text-ink-3">none chosen: all that is bad enough</span>
        </legend>
        <div className="grid gap-x-4 sm:grid-cols-2">
          {CONDITIONS.map(([condition, words]) => (
            <label key={condition} className="flex min-h-7 items-center gap-2">
              <input
                type="checkbox"
                className="size-4 shrink-0 accent-accent"
                checked={draft.conditions.includes(condition)}
                onChange={() => toggle(condition)}
              />
              {words}
            </label>
          ))}
        </div>
      </fieldset>
      <label className="label">
        <span>Bad enough are</span>
        <select
          className="field"
          value={draft.minimumSeverity}
          onChange={({ target }) =>
            onChange({ minimumSeverity: SEVERITIES.find(([each]) => each === target.value)?.[0] ?? 'warning' })
          }
        >
          {SEVERITIES.map(([severity, words]) => (
            <option key={severity} value={severity}>
              {words}
            </option>
          ))}
        </select>
      </label>
      {names.length > 0 && (
        <label className="label">
          <span>
            Of these stacks <span className="font-normal text-ink-3">none chosen: all</span>
          </span>
          <select
            multiple
            size={Math.min(5, Math.max(2, names.length))}
            className="field h-auto py-1"
            value={[...draft.stacks]}
            onChange={({ target }) => onChange({ stacks: [...target.selectedOptions].map(({ value }) => value) })}
          >
            {names.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      )}
    </div>
  );
}

const PATIENCE = [
  ['offlineSeconds', 'A node is offline after', '90'],
  ['unhealthySeconds', 'A service is unhealthy after', '60'],
  ['quietSeconds', 'The same again after', '600'],
] as const;

function Patience({ draft, onChange }: Fields) {
  return (
    <div className="grid gap-3 sm:grid-cols-3">
      {PATIENCE.map(([key, words, usual]) => (
        <NumberField
          key={key}
          label={`${words}, seconds`}
          min={0}
          max={86_400}
          placeholder={usual}
          value={draft[key]}
          onType={(text) => onChange({ [key]: text })}
        />
      ))}
    </div>
  );
}

export function EditNotification({ held, onClose }: { held: Notification | null; onClose: () => void }) {
  const cache = useQueryClient();
  const [name, setName] = useState(held?.name ?? '');
  const [draft, setDraft] = useState(() => draftOf(held));
  const change: Fields['onChange'] = (patch) => setDraft({ ...draft, ...patch });
  const save = useMutation({
    mutationFn: () => putNotification(name.trim(), specOf(draft, held)),
    onSuccess: async ({ secret }) => {
      if (secret === null) onClose();
      await cache.invalidateQueries({ queryKey: ['notifications'] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const title = held === null ? 'Add notification' : held.name;
  const secret = save.data?.secret ?? null;
  if (secret !== null)
    return (
      <Dialog title={title} onClose={onClose}>
        <Secret value={secret} />
        <div className="mt-4 flex justify-end">
          <button type="button" className="button button-main" onClick={onClose}>
            Done
          </button>
        </div>
      </Dialog>
    );
  const example = KINDS.find(([kind]) => kind === draft.kind)?.[2];
  const hasSecret = draft.kind === 'webhook' || draft.kind === 'ntfy' || draft.kind === 'gotify';
  return (
    <Dialog title={title} onClose={onClose} wide>
      <form onSubmit={submit} autoComplete="off" className="space-y-4">
        <div className="grid gap-3 sm:grid-cols-2">
          <label className="label">
            <span>Name</span>
            <input
              className="field font-mono text-mono"
              required
              disabled={held !== null}
              value={name}
              placeholder="on-call"
              {...NOTIFICATION_NAME}
              spellCheck={false}
              onChange={({ target }) => setName(target.value)}
            />
          </label>
          <label className="label">
            <span>Kind</span>
            <select
              className="field"
              value={draft.kind}
              onChange={({ target }) =>
                change({ kind: KINDS.find(([each]) => each === target.value)?.[0] ?? 'webhook' })
              }
            >
              {KINDS.map(([kind, words]) => (
                <option key={kind} value={kind}>
                  {words}
                </option>
              ))}
            </select>
          </label>
        </div>
        <label className="label">
          <span>
            Address{' '}
            {held !== null && <span className="font-normal text-ink-3">empty: as it is, at {held.address}</span>}
          </span>
          <input
            className="field font-mono text-mono"
            type="url"
            required={held === null}
            maxLength={2000}
            value={draft.url}
            placeholder={example}
            spellCheck={false}
            onChange={({ target }) => change({ url: target.value })}
          />
        </label>
        {hasSecret && (
          <label className="label">
            <span>
              {draft.kind === 'webhook' ? 'Secret that signs' : 'Access token'}{' '}
              <span className="font-normal text-ink-3">
                {held?.hasSecret ? 'empty: as it is' : draft.kind === 'webhook' ? 'empty: one is made' : 'optional'}
              </span>
            </span>
            <input
              className="field font-mono text-mono"
              type="password"
              autoComplete="new-password"
              minLength={8}
              maxLength={500}
              value={draft.secret}
              onChange={({ target }) => change({ secret: target.value })}
            />
          </label>
        )}
        <Choice draft={draft} onChange={change} />
        <Fold title="Patience" aside="how long something must last, and how often it is told">
          <Patience draft={draft} onChange={change} />
        </Fold>
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
