// Every question the console asks, with its place in the cache. Live facts name these keys (live/affected.ts).
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { call, path } from './http.ts';
import type {
  AuditRecord,
  Deployment,
  DeploymentSummary,
  EnrollmentToken,
  Fact,
  Node,
  NodeStatus,
  Page,
  Project,
  Revision,
  RevisionDetail,
  SecretList,
  Session,
  Stack,
  StackDetail,
} from './shapes.ts';

/** Heartbeats are no facts; ages of what is on screen come from asking again. */
const AGES_EVERY = 10_000;
const MOST = 1000;
const PAGES = 10;

/** All pages of a list, up to 10,000 rows: a fleet's list is filtered and sorted here, without a round trip. */
async function every<Item>(address: string, signal: AbortSignal): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < PAGES; page += 1) {
    const query = new URLSearchParams({ limit: String(MOST), ...(cursor === null ? {} : { cursor }) });
    const answer: Page<Item> = await call('GET', `${address}?${query}`, { signal });
    items.push(...answer.items);
    cursor = answer.nextCursor;
    if (cursor === null) break;
  }
  return items;
}

export const session = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => call<Session>('GET', '/session', { signal }),
  staleTime: Number.POSITIVE_INFINITY,
});

export const nodes = queryOptions({
  queryKey: ['nodes'],
  queryFn: ({ signal }) => every<Node>('/nodes', signal),
  refetchInterval: AGES_EVERY,
});

export const node = (id: string) =>
  queryOptions({
    queryKey: ['node', id],
    queryFn: ({ signal }) => call<Node>('GET', path('nodes', id), { signal }),
    refetchInterval: AGES_EVERY,
  });

export const nodeStatus = (id: string) =>
  queryOptions({
    queryKey: ['node', id, 'status'],
    queryFn: ({ signal }) => call<NodeStatus>('GET', path('nodes', id, 'status'), { signal }),
    refetchInterval: AGES_EVERY,
  });

export const stacks = queryOptions({
  queryKey: ['stacks'],
  queryFn: ({ signal }) => every<Stack>('/stacks', signal),
  refetchInterval: AGES_EVERY,
});

export const stack = (name: string) =>
  queryOptions({
    queryKey: ['stack', name],
    queryFn: ({ signal }) => call<StackDetail>('GET', path('stacks', name), { signal }),
    refetchInterval: AGES_EVERY,
  });

export const revisions = (name: string) =>
  queryOptions({
    queryKey: ['stack', name, 'revisions'],
    queryFn: ({ signal }) => call<Page<Revision>>('GET', `${path('stacks', name)}/revisions`, { signal }),
  });

/** A revision never changes. */
export const revision = (name: string, number: number) =>
  queryOptions({
    queryKey: ['stack', name, 'revisions', String(number)],
    queryFn: ({ signal }) => call<RevisionDetail>('GET', path('stacks', name, 'revisions', String(number)), { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const deploymentsOf = (name: string) =>
  queryOptions({
    queryKey: ['stack', name, 'deployments'],
    queryFn: ({ signal }) =>
      call<Page<DeploymentSummary>>('GET', `/deployments?${new URLSearchParams({ stack: name, limit: '200' })}`, {
        signal,
      }),
  });

export const deployment = (id: string) =>
  queryOptions({
    queryKey: ['deployment', id],
    queryFn: ({ signal }) => call<Deployment>('GET', path('deployments', id), { signal }),
    refetchInterval: ({ state }) => (state.data?.finishedAt === null ? AGES_EVERY : false),
  });

/** The node itself is asked. */
export const projects = (node: string) =>
  queryOptions({
    queryKey: ['node', node, 'projects'],
    queryFn: ({ signal }) => call<Page<Project>>('GET', `${path('nodes', node)}/projects`, { signal }),
  });

export const secrets = queryOptions({
  queryKey: ['secrets'],
  queryFn: ({ signal }) => call<SecretList>('GET', '/secrets?limit=1000', { signal }),
  refetchInterval: AGES_EVERY,
});

export const events = queryOptions({
  queryKey: ['events'],
  queryFn: ({ signal }) => call<Page<Fact>>('GET', '/events?limit=500', { signal }),
  placeholderData: keepPreviousData,
});

export const audit = queryOptions({
  queryKey: ['audit'],
  queryFn: ({ signal }) => call<Page<AuditRecord>>('GET', '/audit?limit=500', { signal }),
  placeholderData: keepPreviousData,
});

export const enrollmentTokens = queryOptions({
  queryKey: ['enrollment-tokens'],
  queryFn: ({ signal }) => call<{ items: EnrollmentToken[] }>('GET', '/enrollment-tokens', { signal }),
});
