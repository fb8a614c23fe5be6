// Who asked for what, with which outcome.
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { audit, nodes } from '../api/queries.ts';
import type { AuditRecord } from '../api/shapes.ts';
import type { Column } from '../lists/column.ts';
import type { Searchable } from '../lists/filter.ts';
import { ListView } from '../lists/list-view.tsx';
import { Age } from '../parts/age.tsx';
import { Empty } from '../parts/empty.tsx';
import { State } from '../parts/marks.tsx';
import { OlderButton } from './older-button.tsx';
import { RecordDialog } from './record-dialog.tsx';
import { useLiveAudit } from './use-live-audit.ts';
import { VerifyDialog } from './verify-dialog.tsx';

interface Row {
  readonly record: AuditRecord;
  readonly object: string;
  readonly detail: string;
}

const keyOf = ({ record }: Row) => record.id;

function searchable({ record, object }: Row): Searchable {
  return {
    fields: {
      actor: [record.actor.id, record.actor.kind],
      action: [record.action],
      object: [record.object, object],
      outcome: [record.outcome],
      request: [record.actor.requestId],
      // Of a node's own chain what is not in order.
      fault: record.fault === null ? [] : [record.fault],
    },
    text: [record.actor.id, record.action, record.object, object, record.code ?? ''].join(' '),
  };
}

function columns(open: (record: AuditRecord) => void): Column<Row>[] {
  return [
    {
      key: 'action',
      title: 'Action',
      width: 180,
      grow: 1,
      value: ({ record }) => record.action,
      cell: ({ record }) => (
        <button type="button" className="row-link max-w-full truncate font-medium" onClick={() => open(record)}>
          {record.action}
        </button>
      ),
    },
    {
      key: 'object',
      title: 'Object',
      width: 180,
      grow: 1.4,
      value: ({ object }) => object,
      cell: ({ object }) => object,
    },
    {
      key: 'outcome',
      title: 'Outcome',
      width: 140,
      grow: 0.8,
      value: ({ record }) => record.outcome,
      cell: ({ record }) => (
        <State state={record.fault === null ? record.outcome : 'failed'}>
          {record.outcome}
          {record.code !== null && ` · ${record.code}`}
          {record.fault !== null && ` · ${record.fault}`}
        </State>
      ),
    },
    {
      key: 'actor',
      title: 'Actor',
      width: 120,
      grow: 0.8,
      value: ({ record }) => record.actor.id,
      cell: ({ record }) => record.actor.id,
    },
    {
      key: 'origin',
      title: 'From',
      width: 110,
      grow: 0.7,
      value: ({ record }) => record.actor.origin ?? null,
      cell: ({ record }) => <span className="text-ink-2">{record.actor.origin ?? '–'}</span>,
    },
    {
      key: 'detail',
      title: 'Detail',
      width: 200,
      grow: 2,
      value: ({ detail }) => detail,
      cell: ({ detail }) => <span className="text-ink-2">{detail}</span>,
    },
    {
      key: 'time',
      title: 'When',
      width: 72,
      end: true,
      value: ({ record }) => Date.parse(record.at),
      cell: ({ record }) => <Age at={record.at} />,
    },
  ];
}

export function AuditScreen() {
  useLiveAudit();
  const list = useQuery(audit);
  const known = useQuery(nodes);
  const [open, setOpen] = useState<AuditRecord | null>(null);
  const [isVerifying, setVerifying] = useState(false);
  const shown = useMemo(() => columns(setOpen), []);
  const rows = useMemo(() => {
    const names = new Map((known.data ?? []).map((node) => [`nodes/${node.id}`, `nodes/${node.name}`]));
    return list.data?.items.map((record) => ({
      record,
      object: names.get(record.object) ?? record.object,
      detail: Object.entries(record.detail)
        .map(([key, value]) => `${key}=${value}`)
        .join(' '),
    }));
  }, [list.data, known.data]);
  return (
    <>
      <ListView
        title="Audit"
        rows={rows}
        error={list.error}
        onRetry={() => void list.refetch()}
        columns={shown}
        keyOf={keyOf}
        searchable={searchable}
        sort="-time"
        hint="action:stack.put, outcome:refused"
        actions={
          <>
            <OlderButton queryKey={audit.queryKey} address="/audit" cursor={list.data?.nextCursor} />
            <a className="button" href="/api/audit/export" download>
              Export
            </a>
            <button type="button" className="button button-main" onClick={() => setVerifying(true)}>
              Verify
            </button>
          </>
        }
        empty={<Empty title="Nothing was asked for yet">Every change anybody asks for leaves a record here.</Empty>}
      />
      {isVerifying && <VerifyDialog onClose={() => setVerifying(false)} />}
      {open && <RecordDialog title={open.action} record={open} onClose={() => setOpen(null)} />}
    </>
  );
}
