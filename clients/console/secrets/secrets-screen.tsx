// All secrets: names, versions and who uses them. Never a value.
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { secrets } from '../api/queries.ts';
import type { Secret, SecretList } from '../api/shapes.ts';
import type { Column } from '../lists/column.ts';
import type { Searchable } from '../lists/filter.ts';
import { ListView } from '../lists/list-view.tsx';
import { Age } from '../parts/age.tsx';
import { Empty } from '../parts/empty.tsx';
import { Mark } from '../parts/marks.tsx';
import { useNodeNames } from '../stacks/node-names.ts';
import { RemoveSecret } from './remove-secret.tsx';
import { RewrapNote } from './rewrap-note.tsx';
import { modeWords, usedWords, waitingWords } from './secret-words.ts';
import { SetSecret } from './set-secret.tsx';

type Open = { readonly act: 'set' | 'remove'; readonly name: string | null } | null;
const keyOf = (secret: Secret) => secret.name;

function searchable(secret: Secret): Searchable {
  return {
    fields: {
      name: [secret.name],
      stack: secret.stacks,
      state: [secret.waiting.length > 0 ? 'waiting' : secret.stacks.length > 0 ? 'used' : 'unused'],
    },
    text: [secret.name, secret.description ?? '', ...secret.stacks].join(' '),
  };
}

function columns(nameOf: (id: string) => string, onOpen: (open: Open) => void): Column<Secret>[] {
  return [
    {
      key: 'name',
      title: 'Name',
      width: 180,
      grow: 1,
      value: (secret) => secret.name,
      cell: (secret) => <span className="font-mono text-mono font-semibold">{secret.name}</span>,
    },
    {
      key: 'description',
      title: 'Description',
      width: 150,
      grow: 1.2,
      value: (secret) => secret.description,
      cell: (secret) => <span className="text-ink-2">{secret.description ?? '–'}</span>,
    },
    {
      key: 'version',
      title: 'Version',
      width: 72,
      end: true,
      value: (secret) => secret.version,
      cell: (secret) => secret.version,
    },
    {
      key: 'stacks',
      title: 'Used by',
      width: 160,
      grow: 1.2,
      value: (secret) => secret.stacks.length,
      cell: (secret) => <span className={secret.stacks.length === 0 ? 'text-ink-3' : ''}>{usedWords(secret)}</span>,
    },
    {
      key: 'waiting',
      title: 'Waiting',
      width: 120,
      value: (secret) => secret.waiting.length,
      cell: (secret) =>
        secret.waiting.length === 0 ? (
          <span className="text-ink-3">–</span>
        ) : (
          <span
            className="flex items-center gap-1.5 text-warn"
            title={`Not sealed yet for ${secret.waiting.map(nameOf).join(', ')}`}
          >
            <Mark state="waiting" /> {waitingWords(secret)}
          </span>
        ),
    },
    {
      key: 'updated',
      title: 'Updated',
      width: 140,
      end: true,
      value: (secret) => Date.parse(secret.updatedAt),
      cell: (secret) => (
        <>
          <Age at={secret.updatedAt} suffix=" ago" /> <span className="text-ink-3">by {secret.updatedBy}</span>
        </>
      ),
    },
    {
      key: 'actions',
      title: 'Actions',
      width: 152,
      end: true,
      value: () => null,
      cell: (secret) => (
        <span className="flex justify-end gap-1">
          <button
            type="button"
            className="button button-quiet h-6"
            aria-label={`Rotate ${secret.name}`}
            onClick={() => onOpen({ act: 'set', name: secret.name })}
          >
            Rotate …
          </button>
          <button
            type="button"
            className="button button-quiet h-6"
            aria-label={`Delete ${secret.name}`}
            onClick={() => onOpen({ act: 'remove', name: secret.name })}
          >
            Delete …
          </button>
        </span>
      ),
    },
  ];
}

function Notes({ list }: { list: SecretList }) {
  return (
    <div className="mx-5 mb-2 space-y-0.5 rounded-lg border border-line-strong px-4 py-2.5 text-ink-2">
      <p>{modeWords(list.mode)}</p>
      {list.recoveryRecipient === null ? (
        <p className="text-warn">
          No recovery recipient is set: without the core’s own keys nothing here can be opened again.
        </p>
      ) : (
        <p className="break-words">
          Recovery by <code className="font-mono text-mono break-all select-all">{list.recoveryRecipient}</code>
        </p>
      )}
      {list.mode === 'strict' && <RewrapNote secrets={list.items} />}
    </div>
  );
}

export function SecretsScreen() {
  const list = useQuery(secrets);
  const nameOf = useNodeNames();
  const [open, setOpen] = useState<Open>(null);
  const shown = useMemo(() => columns(nameOf, setOpen), [nameOf]);
  const picked = list.data?.items.find(({ name }) => name === open?.name) ?? null;
  const close = () => setOpen(null);
  const set = (
    <button type="button" className="button button-main" onClick={() => setOpen({ act: 'set', name: null })}>
      Set secret
    </button>
  );
  return (
    <>
      <ListView
        title="Secrets"
        rows={list.data?.items}
        error={list.error}
        onRetry={() => void list.refetch()}
        columns={shown}
        keyOf={keyOf}
        searchable={searchable}
        sort="name"
        hint="name, stack:shop, state:unused"
        actions={set}
        note={list.data && <Notes list={list.data} />}
        empty={
          <Empty title="No secrets yet" action={set}>
            A secret is sealed when it arrives. Stacks get it as a file on the nodes that need it.
          </Empty>
        }
      />
      {open?.act === 'set' && <SetSecret secret={picked} onClose={close} />}
      {open?.act === 'remove' && picked !== null && <RemoveSecret secret={picked} onClose={close} />}
    </>
  );
}
