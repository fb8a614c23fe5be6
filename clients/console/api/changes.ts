// Every change the console asks for.
import { call, path } from './http.ts';
import type {
  ActionAnswer,
  ActionBody,
  DeployAnswer,
  EnrollmentTokenSpec,
  IssuedToken,
  Node,
  NodeConfig,
  NotificationAnswer,
  NotificationSpec,
  NotificationTest,
  SecretAnswer,
  StackPlan,
  StackSpec,
  SyncAnswer,
} from './shapes.ts';

export const signIn = (token: string) => call<unknown>('POST', '/session', { body: { token } });
export const signOut = () => call<unknown>('DELETE', '/session');

export const createToken = (spec: EnrollmentTokenSpec) =>
  call<IssuedToken>('POST', '/enrollment-tokens', { body: spec });
export const revokeToken = (id: string) => call<unknown>('DELETE', path('enrollment-tokens', id));

export const configureNode = (id: string, config: NodeConfig) =>
  call<Node>('PUT', `${path('nodes', id)}/config`, { body: config });
export const rotateCredential = (id: string) => call<unknown>('POST', `${path('nodes', id)}/credential/rotate`);
export const removeNode = (id: string) => call<unknown>('DELETE', path('nodes', id));

/**
 * @param seen the revision that this was written on, null for a stack that must not be there yet: when another is the
 * newest, nothing is changed and the answer is the problem `revision-moved`
 */
export const putStack = (name: string, spec: StackSpec, seen: number | null) =>
  call<DeployAnswer>('PUT', path('stacks', name), {
    body: spec,
    headers: seen === null ? { 'if-none-match': '*' } : { 'if-match': `"${seen}"` },
  });
export const removeStack = (name: string, volumes: boolean) =>
  call<{ name: string; deployment: string }>('DELETE', `${path('stacks', name)}${volumes ? '?volumes=true' : ''}`);

/** What a deployment of this would do. Changes nothing. */
export const planStack = (name: string, spec: StackSpec) =>
  call<StackPlan>('POST', `${path('stacks', name)}/plan`, { body: spec });
/** What the present revision would still change. */
export const planPresent = (name: string) => call<StackPlan>('POST', `${path('stacks', name)}/plan`);
export const rollbackStack = (name: string, revision: number) =>
  call<DeployAnswer>('POST', `${path('stacks', name)}/rollback`, { body: { revision } });
export const STACK_ACTIONS = ['restart', 'pull', 'stop', 'start', 'scale'] as const;
export type StackAction = (typeof STACK_ACTIONS)[number];
export const actOnStack = (name: string, action: StackAction, body: ActionBody) =>
  call<ActionAnswer>('POST', path('stacks', name, 'actions', action), { body });
export const syncStack = (name: string) => call<SyncAnswer>('POST', `${path('stacks', name)}/sync`);

export const decideDeployment = (id: string, decision: 'continue' | 'cancel') =>
  call<unknown>('POST', path('deployments', id, decision));

export const adoptProject = (node: string, project: string) =>
  call<DeployAnswer>('POST', path('nodes', node, 'projects', project, 'adopt'));
export const pruneNode = (node: string, images: 'dangling' | 'unused') =>
  call<unknown>('POST', `${path('nodes', node)}/actions/prune`, { body: { images } });

export const removeReader = (name: string) => call<unknown>('DELETE', path('readers', name));

export const putNotification = (name: string, spec: NotificationSpec) =>
  call<NotificationAnswer>('PUT', path('notifications', name), { body: spec });
export const removeNotification = (name: string) => call<unknown>('DELETE', path('notifications', name));
/** Waits for what came of it. */
export const testNotification = (name: string) => call<NotificationTest>('POST', `${path('notifications', name)}/test`);
export const retryDelivery = (name: string, id: string) =>
  call<unknown>('POST', path('notifications', name, 'deliveries', id, 'retry'));

export const putSecret = (name: string, value: string, description: string) =>
  call<SecretAnswer>('PUT', path('secrets', name), {
    body: { value, ...(description === '' ? {} : { description }) },
  });
export const removeSecret = (name: string) => call<unknown>('DELETE', path('secrets', name));
