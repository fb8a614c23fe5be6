// Joins the stream of facts to the query cache, at most one patch a second, and tells the shell how the stream is.
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, use, useEffect, useState } from 'react';
import type { Fact, Node, Page } from '../api/shapes.ts';
import { factOf, staleKeys, withFacts, withLiveness } from './affected.ts';
import { follow, type Place, type StreamState } from './stream.ts';
import { useVisible } from './visible.ts';

const PATCH_EVERY_MS = 1000;
const EVENTS_KEPT = 2000;

const Live = createContext<StreamState>({ kind: 'connecting' });
export const useLive = () => use(Live);

function patch(cache: QueryClient, facts: readonly Fact[]): void {
  cache.setQueryData<Node[]>(['nodes'], (held) => held?.map((node) => withLiveness(node, facts)));
  for (const [key, held] of cache.getQueriesData<Node>({ queryKey: ['node'] }))
    if (key.length === 2 && held !== undefined) cache.setQueryData(key, withLiveness(held, facts));
  cache.setQueryData<Page<Fact>>(['events'], (held) =>
    held === undefined
      ? undefined
      : { ...held, items: withFacts(held.items, facts, Math.max(EVENTS_KEPT, held.items.length)) },
  );
  for (const queryKey of staleKeys(facts)) void cache.invalidateQueries({ queryKey });
}

function batched(cache: QueryClient): { add(fact: Fact): void; stop(): void } {
  let waiting: Fact[] = [];
  let last = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    timer = undefined;
    last = Date.now();
    const facts = waiting;
    waiting = [];
    patch(cache, facts);
  };
  return {
    add(fact) {
      waiting.push(fact);
      timer ??= setTimeout(flush, Math.max(50, PATCH_EVERY_MS - (Date.now() - last)));
    },
    stop: () => clearTimeout(timer),
  };
}

function tellsOnce({ queryKey }: { queryKey: readonly unknown[] }): boolean {
  return queryKey[0] === 'events' || queryKey[0] === 'deployment';
}

export function LiveProvider({ children }: { children: ReactNode }) {
  const cache = useQueryClient();
  const visible = useVisible();
  const [state, setState] = useState<StreamState>({ kind: 'connecting' });
  const [resume] = useState<Place>(() => ({ lastId: null, wasLive: false }));
  useEffect(() => {
    if (!visible) return;
    const stop = new AbortController();
    const batch = batched(cache);
    void follow(
      '/api/events',
      {
        onState: setState,
        onMessage: ({ data }) => {
          const fact = factOf(data);
          if (fact !== null) batch.add(fact);
        },
        // Lists that ask again by themselves need not be read twice at the start.
        onLive: (isFirst) => void cache.invalidateQueries(isFirst ? { predicate: tellsOnce } : {}),
      },
      resume,
      stop.signal,
    );
    return () => {
      stop.abort();
      batch.stop();
    };
  }, [cache, visible, resume]);
  useEffect(() => {
    if (state.kind === 'signed-out') void cache.resetQueries({ queryKey: ['session'] });
  }, [cache, state.kind]);
  return <Live value={state}>{children}</Live>;
}
