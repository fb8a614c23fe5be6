// Every question the console asks, with its place in the cache. Live facts name these keys (live/affected.ts).
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { everyItem } from '#clients/sdk/client.ts';
import type { LogCoverage, LogFilter } from '#clients/sdk/logs.ts';
import { call, path } from './http.ts';
import type {
  AuditRecord,
  Delivery,
  Deployment,
  DeploymentSummary,
  EnrollmentToken,
  Fact,
  Node,
  NodeStatus,
  Notification,
  Page,
  Project,
  Reader,
  Revision,
  RevisionDetail,
  SecretList,
  Session,
  Stack,
  StackDetail,
  Webhook,
} from './shapes.ts';

/** Heartbeats are no facts; ages of what is on screen come from asking again. */
const AGES_EVERY = 10_000;
const MOST = 1000;

/** A list whole, page by page: it is filtered and sorted here, without a round trip. */
async function every<Answer extends Page<unknown>>(
  address: string,
  signal: AbortSignal,
  of: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const told: Answer[] = [];
  const items = await everyItem<unknown>(async (cursor) => {
    const query = new URLSearchParams({ ...of, limit: String(MOST), ...(cursor === null ? {} : { cursor }) });
    const answer: Answer = await call('GET', `${address}?${query}`, { signal });
    told.push(answer);
    return answer;
  });
  // What is said beside the rows stands in every page.
  return { ...(told[0] as Answer), items, nextCursor: null };
}

export const session = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => call<Session>('GET', '/session', { signal }),
  staleTime: Number.POSITIVE_INFINITY,
});

export const nodes = queryOptions({
  queryKey: ['nodes'],
  queryFn: async ({ signal }) => (await every<Page<Node>>('/nodes', signal)).items,
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
  queryFn: async ({ signal }) => (await every<Page<Stack>>('/stacks', signal)).items,
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

/** The newest, of all stacks or of one. */
export const deployments = (stack: string | null) =>
  queryOptions({
    queryKey: ['deployments', stack ?? ''],
    queryFn: ({ signal }) => {
      const query = new URLSearchParams({ ...(stack === null ? {} : { stack }), limit: String(MOST) });
      return call<Page<DeploymentSummary>>('GET', `/deployments?${query}`, { signal });
    },
  });

/** Has a secret in it: nothing of it is kept. */
export const webhook = (stack: string) =>
  queryOptions({
    queryKey: ['webhook', stack],
    queryFn: ({ signal }) => call<Webhook>('GET', `${path('stacks', stack)}/webhook`, { signal }),
    gcTime: 0,
  });

/** The node itself is asked. */
export const projects = (node: string) =>
  queryOptions({
    // Not under the node: each of its facts would have the agent read all its projects again.
    queryKey: ['projects', node],
    queryFn: ({ signal }) => call<Page<Project>>('GET', `${path('nodes', node)}/projects`, { signal }),
    refetchOnWindowFocus: false,
  });

export const secrets = queryOptions({
  queryKey: ['secrets'],
  queryFn: ({ signal }) => every<SecretList>('/secrets', signal),
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

/** What is held of the log files that a filter names. */
export const logCoverage = ({ node, stack, container }: LogFilter) => {
  const of = Object.entries({ node, stack, container }).filter(([, value]) => value !== undefined);
  return queryOptions({
    queryKey: ['log-coverage', node ?? '', stack ?? '', container ?? ''],
    queryFn: async ({ signal }) =>
      (await every<Page<LogCoverage>>('/logs/coverage', signal, Object.fromEntries(of) as Record<string, string>))
        .items,
    refetchInterval: AGES_EVERY,
  });
};

export const readers = queryOptions({
  queryKey: ['readers'],
  queryFn: async ({ signal }) => (await call<{ items: Reader[] }>('GET', '/readers', { signal })).items,
  refetchInterval: AGES_EVERY,
});

export const notifications = queryOptions({
  queryKey: ['notifications'],
  queryFn: async ({ signal }) => (await call<{ items: Notification[] }>('GET', '/notifications', { signal })).items,
  refetchInterval: AGES_EVERY,
});

/** The newest. */
export const deliveries = (name: string) =>
  queryOptions({
    queryKey: ['notifications', name, 'deliveries'],
    queryFn: ({ signal }) =>
      call<Page<Delivery>>('GET', `${path('notifications', name)}/deliveries?limit=200`, { signal }),
    refetchInterval: AGES_EVERY,
  });

export const enrollmentTokens = queryOptions({
  queryKey: ['enrollment-tokens'],
  queryFn: ({ signal }) => call<{ items: EnrollmentToken[] }>('GET', '/enrollment-tokens', { signal }),
});
