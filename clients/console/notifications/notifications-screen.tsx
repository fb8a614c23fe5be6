// Where messages about what goes wrong are sent, and whether they arrive.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { removeNotification } from '../api/changes.ts';
import { notifications } from '../api/queries.ts';
import type { Notification } from '../api/shapes.ts';
import type { Column } from '../lists/column.ts';
import type { Searchable } from '../lists/filter.ts';
import { ListView } from '../lists/list-view.tsx';
import { Age } from '../parts/age.tsx';
import { plain } from '../parts/ansi.ts';
import { Empty } from '../parts/empty.tsx';
import { State } from '../parts/marks.tsx';
import { RemovalDialog } from '../parts/removal-dialog.tsx';
import { DeliveriesDialog } from './deliveries-dialog.tsx';
import { EditNotification } from './edit-notification.tsx';
import { choiceWords, standing } from './notification-draft.ts';

type Open = { readonly act: 'edit' | 'messages' | 'remove'; readonly name: string | null } | null;

const keyOf = ({ name }: Notification) => name;

function searchable(target: Notification): Searchable {
  const { name, kind, address, choice } = target;
  return {
    fields: { name: [name], kind: [kind], state: [standing(target)[1]] },
    text: [name, kind, address, choiceWords(choice)].join(' '),
  };
}

function columns(onOpen: (open: Open) => void): Column<Notification>[] {
  const button = (words: string, label: string, act: NonNullable<Open>['act'], name: string) => (
    <button
      type="button"
      className="button button-quiet above-row h-6"
      aria-label={`${label} ${name}`}
      onClick={() => onOpen({ act, name })}
    >
      {words}
    </button>
  );
  return [
    {
      key: 'name',
      title: 'Name',
      width: 140,
      grow: 0.8,
      value: ({ name }) => name,
      cell: ({ name }) => (
        <button
          type="button"
          className="row-link max-w-full truncate font-medium"
          onClick={() => onOpen({ act: 'messages', name })}
        >
          {name}
        </button>
      ),
    },
    { key: 'kind', title: 'Kind', width: 80, value: ({ kind }) => kind, cell: ({ kind }) => kind },
    {
      key: 'address',
      title: 'Address',
      width: 180,
      grow: 1,
      value: ({ address }) => address,
      cell: ({ address }) => <span className="font-mono text-mono text-ink-2">{address}</span>,
    },
    {
      key: 'choice',
      title: 'Is told of',
      width: 200,
      grow: 1.4,
      value: ({ choice }) => choiceWords(choice),
      cell: ({ choice }) => <span title={choiceWords(choice)}>{choiceWords(choice)}</span>,
    },
    {
      key: 'state',
      title: 'State',
      width: 150,
      value: (target) => standing(target)[1],
      cell: (target) => {
        const [mark, words] = standing(target);
        return (
          <span title={target.lastError === null ? undefined : plain(target.lastError)}>
            <State state={mark}>{words}</State>
          </span>
        );
      },
    },
    {
      key: 'delivered',
      title: 'Last',
      width: 80,
      end: true,
      value: ({ lastDeliveredAt }) => (lastDeliveredAt === null ? 0 : Date.parse(lastDeliveredAt)),
      cell: ({ lastDeliveredAt }) => <Age at={lastDeliveredAt} />,
    },
    {
      key: 'actions',
      title: 'Actions',
      width: 150,
      end: true,
      value: () => null,
      cell: ({ name }) => (
        <span className="flex justify-end gap-1">
          {button('Change …', 'Change', 'edit', name)}
          {button('Delete …', 'Delete', 'remove', name)}
        </span>
      ),
    },
  ];
}

function RemoveNotification({ name, onClose }: { name: string; onClose: () => void }) {
  const cache = useQueryClient();
  const remove = useMutation({
    mutationFn: () => removeNotification(name),
    onSuccess: onClose,
    onSettled: () => cache.invalidateQueries({ queryKey: ['notifications'] }),
  });
  return (
    <RemovalDialog
      title={`Delete ${name}`}
      name={name}
      verb="Delete notification"
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      <p>What is still on the way to it is forgotten with it.</p>
    </RemovalDialog>
  );
}

export function NotificationsScreen() {
  const list = useQuery(notifications);
  const [open, setOpen] = useState<Open>(null);
  const shown = useMemo(() => columns(setOpen), []);
  const picked = list.data?.find(({ name }) => name === open?.name) ?? null;
  const close = () => setOpen(null);
  const add = (
    <button type="button" className="button button-main" onClick={() => setOpen({ act: 'edit', name: null })}>
      Add notification
    </button>
  );
  return (
    <>
      <ListView
        title="Notifications"
        rows={list.data}
        error={list.error}
        onRetry={() => void list.refetch()}
        columns={shown}
        keyOf={keyOf}
        searchable={searchable}
        sort="name"
        hint="name, kind:ntfy, state:failing"
        actions={add}
        empty={
          <Empty title="Nobody is notified yet" action={add}>
            A webhook, ntfy, Slack, Discord or Gotify is told of what lasts; what flaps is told once.
          </Empty>
        }
      />
      {open?.act === 'edit' && (open.name === null || picked !== null) && (
        <EditNotification held={picked} onClose={close} />
      )}
      {open?.act === 'messages' && picked !== null && <DeliveriesDialog target={picked} onClose={close} />}
      {open?.act === 'remove' && picked !== null && <RemoveNotification name={picked.name} onClose={close} />}
    </>
  );
}
