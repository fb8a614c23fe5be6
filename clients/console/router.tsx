// Addresses and their screens; each screen is loaded when it is first visited.
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { listSearch } from './lists/list-search.ts';
import { type LogSearch, logSearch } from './logs/log-search.ts';
import { NODE_TABS, type NodeTab } from './nodes/tabs.ts';
import { Empty } from './parts/empty.tsx';
import { ProblemPage } from './parts/problem-view.tsx';
import { Shell } from './shell/shell.tsx';
import { STACK_TABS, type StackTab } from './stacks/tabs.ts';

/** What the breadcrumb says: the place, and the parameter (or the word) that names what is open in it. */
interface Place {
  name: string;
  to:
    | '/nodes'
    | '/stacks'
    | '/deployments'
    | '/secrets'
    | '/logs'
    | '/events'
    | '/audit'
    | '/notifications'
    | '/readers';
  leaf?: string;
}

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
  interface StaticDataRouteOption {
    place?: Place;
  }
}

const root = createRootRoute({ component: Shell });
const getParentRoute = () => root;

function tabOf<Tab extends string>(tabs: readonly Tab[], { tab }: Record<string, unknown>): { tab?: Tab } {
  const known = tabs.find((each) => each === tab);
  return known === undefined ? {} : { tab: known };
}

const routes = [
  createRoute({
    getParentRoute,
    path: '/',
    beforeLoad: () => {
      throw redirect({ to: '/nodes' });
    },
  }),
  createRoute({
    getParentRoute,
    path: '/nodes',
    validateSearch: listSearch,
    component: lazyRouteComponent(() => import('./nodes/nodes-screen.tsx'), 'NodesScreen'),
    staticData: { place: { name: 'Nodes', to: '/nodes' } },
  }),
  createRoute({
    getParentRoute,
    path: '/nodes/$nodeId',
    validateSearch: (search: Record<string, unknown>): { tab?: NodeTab } & LogSearch => ({
      ...tabOf(NODE_TABS, search),
      ...logSearch(search),
    }),
    component: lazyRouteComponent(() => import('./nodes/node-screen.tsx'), 'NodeScreen'),
    staticData: { place: { name: 'Nodes', to: '/nodes', leaf: 'nodeId' } },
  }),
  createRoute({
    getParentRoute,
    path: '/stacks',
    validateSearch: listSearch,
    component: lazyRouteComponent(() => import('./stacks/stacks-screen.tsx'), 'StacksScreen'),
    staticData: { place: { name: 'Stacks', to: '/stacks' } },
  }),
  createRoute({
    getParentRoute,
    path: '/stacks/$stackName',
    validateSearch: (search: Record<string, unknown>): { tab?: StackTab } & LogSearch => ({
      ...tabOf(STACK_TABS, search),
      ...logSearch(search),
    }),
    component: lazyRouteComponent(() => import('./stacks/stack-screen.tsx'), 'StackScreen'),
    staticData: { place: { name: 'Stacks', to: '/stacks', leaf: 'stackName' } },
  }),
  createRoute({
    getParentRoute,
    path: '/deploy',
    validateSearch: (search: Record<string, unknown>): { stack?: string } =>
      typeof search['stack'] === 'string' ? { stack: search['stack'] } : {},
    component: lazyRouteComponent(() => import('./stacks/deploy-screen.tsx'), 'DeployScreen'),
    staticData: { place: { name: 'Stacks', to: '/stacks', leaf: 'deploy' } },
  }),
  createRoute({
    getParentRoute,
    path: '/deployments',
    validateSearch: listSearch,
    component: lazyRouteComponent(() => import('./deployments/deployments-screen.tsx'), 'DeploymentsScreen'),
    staticData: { place: { name: 'Deployments', to: '/deployments' } },
  }),
  createRoute({
    getParentRoute,
    path: '/deployments/$deploymentId',
    component: lazyRouteComponent(() => import('./deployments/deployment-screen.tsx'), 'DeploymentScreen'),
    staticData: { place: { name: 'Deployments', to: '/deployments', leaf: 'deployment' } },
  }),
  createRoute({
    getParentRoute,
    path: '/secrets',
    validateSearch: listSearch,
    component: lazyRouteComponent(() => import('./secrets/secrets-screen.tsx'), 'SecretsScreen'),
    staticData: { place: { name: 'Secrets', to: '/secrets' } },
  }),
  createRoute({
    getParentRoute,
    path: '/logs',
    validateSearch: logSearch,
    component: lazyRouteComponent(() => import('./logs/logs-screen.tsx'), 'LogsScreen'),
    staticData: { place: { name: 'Logs', to: '/logs' } },
  }),
  createRoute({
    getParentRoute,
    path: '/events',
    validateSearch: listSearch,
    component: lazyRouteComponent(() => import('./history/events-screen.tsx'), 'EventsScreen'),
    staticData: { place: { name: 'Events', to: '/events' } },
  }),
  createRoute({
    getParentRoute,
    path: '/audit',
    validateSearch: listSearch,
    component: lazyRouteComponent(() => import('./history/audit-screen.tsx'), 'AuditScreen'),
    staticData: { place: { name: 'Audit', to: '/audit' } },
  }),
  createRoute({
    getParentRoute,
    path: '/notifications',
    validateSearch: listSearch,
    component: lazyRouteComponent(() => import('./notifications/notifications-screen.tsx'), 'NotificationsScreen'),
    staticData: { place: { name: 'Notifications', to: '/notifications' } },
  }),
  createRoute({
    getParentRoute,
    path: '/readers',
    validateSearch: listSearch,
    component: lazyRouteComponent(() => import('./readers/readers-screen.tsx'), 'ReadersScreen'),
    staticData: { place: { name: 'Readers', to: '/readers' } },
  }),
] as const;

/** Plain `key=value`: the router's own form would put JSON into the address. */
function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}
function stringifySearch(search: Record<string, unknown>): string {
  const pairs = Object.entries(search).filter(([, value]) => typeof value === 'string' && value !== '');
  const text = new URLSearchParams(pairs as [string, string][]).toString().replaceAll('%3A', ':');
  return text === '' ? '' : `?${text}`;
}

export const router = createRouter({
  routeTree: root.addChildren(routes),
  parseSearch,
  stringifySearch,
  defaultPreload: 'intent',
  defaultErrorComponent: ({ error, reset }) => (
    <ProblemPage error={error instanceof Error ? error : new Error(String(error))} onRetry={reset} />
  ),
  defaultNotFoundComponent: () => (
    <Empty isPage title="There is nothing here">
      The address leads nowhere in the console.
    </Empty>
  ),
});
