// Every change the console asks for.
import { call, path } from './http.ts';
import type { DeployAnswer, EnrollmentTokenSpec, IssuedToken, Node, NodeConfig, StackSpec } from './shapes.ts';

export const signIn = (token: string) => call<unknown>('POST', '/session', { body: { token } });
export const signOut = () => call<unknown>('DELETE', '/session');

export const createToken = (spec: EnrollmentTokenSpec) =>
  call<IssuedToken>('POST', '/enrollment-tokens', { body: spec });
export const revokeToken = (id: string) => call<unknown>('DELETE', path('enrollment-tokens', id));

export const configureNode = (id: string, config: NodeConfig) =>
  call<Node>('PUT', `${path('nodes', id)}/config`, { body: config });
export const rotateCredential = (id: string) => call<unknown>('POST', `${path('nodes', id)}/credential/rotate`);
export const removeNode = (id: string) => call<unknown>('DELETE', path('nodes', id));

export const putStack = (name: string, spec: StackSpec) =>
  call<DeployAnswer>('PUT', path('stacks', name), { body: spec });
export const removeStack = (name: string, volumes: boolean) =>
  call<{ name: string; deployment: string }>('DELETE', `${path('stacks', name)}${volumes ? '?volumes=true' : ''}`);
