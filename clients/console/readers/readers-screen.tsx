// Third parties that receive events or audit records over NATS, each with a credential of its own.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { removeReader } from '../api/changes.ts';
import { readers } from '../api/queries.ts';
import type { Reader } from '../api/shapes.ts';
import type { Column } from '../lists/column.ts';
import type { Searchable } from '../lists/filter.ts';
import { ListView } from '../lists/list-view.tsx';
import { Age } from '../parts/age.tsx';
import { Empty } from '../parts/empty.tsx';
import { State } from '../parts/marks.tsx';
import { RemovalDialog } from '../parts/removal-dialog.tsx';
import { AddReader } from './add-reader.tsx';

const keyOf = ({ name }: Reader) => name;

function searchable({ name, role, state, createdBy, subjects }: Reader): Searchable {
  return {
    fields: { role: [role], state: [state], name: [name] },
    text: [name, role, createdBy, ...subjects].join(' '),
  };
}

const until = (at: string) => new Date(at).toLocaleDateString();

function columns(onRemove: (reader: Reader) => void): Column<Reader>[] {
  return [
    {
      key: 'name',
      title: 'Name',
      width: 150,
      grow: 1,
      value: ({ name }) => name,
      cell: ({ name }) => <span className="font-medium">{name}</span>,
    },
    { key: 'role', title: 'Reads', width: 90, value: ({ role }) => role, cell: ({ role }) => role },
    {
      key: 'state',
      title: 'Credential',
      width: 110,
      value: ({ state }) => state,
      cell: ({ state }) => <State state={state}>{state}</State>,
    },
    {
      key: 'expires',
      title: 'Until',
      width: 100,
      value: ({ expiresAt }) => Date.parse(expiresAt),
      cell: ({ expiresAt }) => <time dateTime={expiresAt}>{until(expiresAt)}</time>,
    },
    {
      key: 'subjects',
      title: 'Subjects',
      width: 240,
      grow: 2,
      value: ({ subjects }) => subjects.join(' '),
      cell: ({ subjects }) => (
        <code className="font-mono text-mono text-ink-2" title={subjects.join('\n')}>
          {subjects.join(' ')}
        </code>
      ),
    },
    { key: 'by', title: 'By', width: 90, value: ({ createdBy }) => createdBy, cell: ({ createdBy }) => createdBy },
    {
      key: 'age',
      title: 'Added',
      width: 72,
      end: true,
      value: ({ createdAt }) => Date.parse(createdAt),
      cell: ({ createdAt }) => <Age at={createdAt} />,
    },
    {
      key: 'actions',
      title: 'Actions',
      width: 90,
      end: true,
      value: () => null,
      cell: (reader) => (
        <button
          type="button"
          className="button button-quiet above-row h-6"
          aria-label={`Remove ${reader.name}`}
          disabled={reader.state === 'removing'}
          onClick={() => onRemove(reader)}
        >
          Remove …
        </button>
      ),
    },
  ];
}

function RemoveReader({ reader, onClose }: { reader: Reader; onClose: () => void }) {
  const cache = useQueryClient();
  const remove = useMutation({
    mutationFn: () => removeReader(reader.name),
    onSuccess: onClose,
    onSettled: () => cache.invalidateQueries({ queryKey: ['readers'] }),
  });
  return (
    <RemovalDialog
      title={`Remove ${reader.name}`}
      name={reader.name}
      verb="Remove reader"
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      <p>Its credential is void at once, its connections are closed, and its place in the stream is forgotten.</p>
    </RemovalDialog>
  );
}

export function ReadersScreen() {
  const list = useQuery(readers);
  const [isAdding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<Reader | null>(null);
  const shown = useMemo(() => columns(setRemoving), []);
  const add = (
    <button type="button" className="button button-main" onClick={() => setAdding(true)}>
      Add reader
    </button>
  );
  return (
    <>
      <ListView
        title="Readers"
        rows={list.data}
        error={list.error}
        onRetry={() => void list.refetch()}
        columns={shown}
        keyOf={keyOf}
        searchable={searchable}
        sort="name"
        hint="name, role:audit, state:expired"
        actions={add}
        empty={
          <Empty title="No readers yet" action={add}>
            A reader receives events or audit records over NATS, live and from where it left off, and can do nothing
            else.
          </Empty>
        }
      />
      {isAdding && <AddReader onClose={() => setAdding(false)} />}
      {removing !== null && <RemoveReader reader={removing} onClose={() => setRemoving(null)} />}
    </>
  );
}
