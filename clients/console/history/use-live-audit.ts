// Audit records as they are made, into the list that is on screen.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { AuditRecord, Page } from '../api/shapes.ts';
import { follow, type Place } from '../live/stream.ts';
import { useVisible } from '../live/visible.ts';
import { withRecords } from './audit-records.ts';

const DRAWN_EVERY_MS = 300;

export function useLiveAudit(): void {
  const cache = useQueryClient();
  const visible = useVisible();
  const place = useRef<Place>({ lastId: null, wasLive: false });
  useEffect(() => {
    if (!visible) return;
    const stop = new AbortController();
    let waiting: AuditRecord[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const draw = () => {
      timer = undefined;
      const news = waiting;
      waiting = [];
      cache.setQueryData<Page<AuditRecord>>(['audit'], (held) =>
        held === undefined ? undefined : { ...held, items: withRecords(held.items, news) },
      );
    };
    void follow(
      '/api/audit',
      {
        onState: () => {},
        onMessage: ({ data }) => {
          waiting.push(JSON.parse(data) as AuditRecord);
          timer ??= setTimeout(draw, DRAWN_EVERY_MS);
        },
        onLive: () => void cache.invalidateQueries({ queryKey: ['audit'] }),
      },
      place.current,
      stop.signal,
    );
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [cache, visible]);
}
