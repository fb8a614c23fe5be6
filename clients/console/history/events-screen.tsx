// What happened, newest first, as it happens.
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { events, nodes } from '../api/queries.ts';
import type { Fact } from '../api/shapes.ts';
import type { Column } from '../lists/column.ts';
import type { Searchable } from '../lists/filter.ts';
import { ListView } from '../lists/list-view.tsx';
import { factName } from '../live/affected.ts';
import { Age } from '../parts/age.tsx';
import { plain } from '../parts/ansi.ts';
import { Empty } from '../parts/empty.tsx';
import { State } from '../parts/marks.tsx';
import { lastPart } from '../parts/words.ts';
import { factDetail, factState, factTitle } from './fact-words.ts';
import { OlderButton } from './older-button.tsx';
import { RecordDialog } from './record-dialog.tsx';

interface Row {
  readonly fact: Fact;
  readonly name: string;
  /** Name of the node, or the id of what is no node. */
  readonly about: string;
  readonly detail: string;
}

const keyOf = ({ fact }: Row) => fact.id;

function aboutOther({ subject, data }: Fact): string {
  return subject.startsWith('deployments/') && typeof data['stack'] === 'string' ? data['stack'] : lastPart(subject);
}

function searchable({ fact, name, about, detail }: Row): Searchable {
  const stack = typeof fact.data['stack'] === 'string' ? [fact.data['stack']] : [];
  return {
    fields: {
      fact: [name, factTitle(fact.type).replaceAll(' ', '-')],
      node: fact.subject.startsWith('nodes/') ? [about, lastPart(fact.subject)] : [],
      stack,
    },
    text: [factTitle(fact.type), about, fact.subject, detail].join(' '),
  };
}

function columns(open: (fact: Fact) => void): Column<Row>[] {
  return [
    {
      key: 'fact',
      title: 'Fact',
      width: 170,
      grow: 0.8,
      value: ({ name }) => name,
      cell: ({ fact }) => (
        <button type="button" className="row-link max-w-full truncate font-medium" onClick={() => open(fact)}>
          <State state={factState(fact)}>{factTitle(fact.type)}</State>
        </button>
      ),
    },
    {
      key: 'about',
      title: 'About',
      width: 160,
      grow: 0.8,
      value: ({ about }) => about,
      cell: ({ about }) => about,
    },
    {
      key: 'detail',
      title: 'Detail',
      width: 280,
      grow: 3,
      value: ({ detail }) => detail,
      cell: ({ detail }) => <span className="text-ink-2">{detail}</span>,
    },
    {
      key: 'time',
      title: 'When',
      width: 72,
      end: true,
      value: ({ fact }) => Date.parse(fact.time),
      cell: ({ fact }) => <Age at={fact.time} />,
    },
  ];
}

export function EventsScreen() {
  const list = useQuery(events);
  const known = useQuery(nodes);
  const [open, setOpen] = useState<Fact | null>(null);
  const shown = useMemo(() => columns(setOpen), []);
  const rows = useMemo(() => {
    const names = new Map((known.data ?? []).map((node) => [`nodes/${node.id}`, node.name]));
    return list.data?.items.map((fact) => ({
      fact,
      name: factName(fact.type).fact,
      about: names.get(fact.subject) ?? aboutOther(fact),
      detail: plain(factDetail(fact)),
    }));
  }, [list.data, known.data]);
  return (
    <>
      <ListView
        title="Events"
        rows={rows}
        error={list.error}
        onRetry={() => void list.refetch()}
        columns={shown}
        keyOf={keyOf}
        searchable={searchable}
        sort="-time"
        hint="node:nas-1, fact:offline, text"
        actions={<OlderButton queryKey={events.queryKey} address="/events" cursor={list.data?.nextCursor} />}
        empty={
          <Empty title="Nothing has happened yet">Facts about nodes and deployments are kept for seven days.</Empty>
        }
      />
      {open && <RecordDialog title={open.type} record={open} onClose={() => setOpen(null)} />}
    </>
  );
}
