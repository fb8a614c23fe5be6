// What the registry is asked: enrollment tokens and nodes.
import * as z from 'zod/mini';
import { request } from '../define.ts';
import { Actor, Page } from '../schema/actor.ts';
import { Id } from '../schema/ids.ts';
import * as node from '../schema/node.ts';
import { Nothing } from '../schema/service-status.ts';

const NodeById = z.strictObject({ id: Id });
const ChangeNode = z.strictObject({ by: Actor, id: Id });

export const registryRequests = {
  createEnrollmentToken: request('overseer.int.registry.create-enrollment-token', {
    from: ['gateway'],
    to: 'registry',
    input: node.CreateEnrollmentToken,
    output: node.IssuedEnrollmentToken,
    audited: true,
    doc: 'Make a right to add nodes. The answer is the only place where the token stands.',
  }),
  listEnrollmentTokens: request('overseer.int.registry.list-enrollment-tokens', {
    from: ['gateway'],
    to: 'registry',
    input: Nothing,
    output: z.strictObject({ items: z.array(node.EnrollmentToken) }),
    audited: false,
    doc: 'Enrollment tokens without their secret.',
  }),
  revokeEnrollmentToken: request('overseer.int.registry.revoke-enrollment-token', {
    from: ['gateway'],
    to: 'registry',
    input: ChangeNode,
    output: Nothing,
    audited: true,
    doc: 'Make an enrollment token worthless.',
  }),
  registerNode: request('overseer.int.registry.register-node', {
    from: ['gateway'],
    to: 'registry',
    input: z.strictObject({ by: Actor, registration: node.Registration }),
    output: node.Registered,
    audited: true,
    doc: 'Redeem an enrollment token. The same key with the same token gets the same node again.',
  }),
  reauthenticateNode: request('overseer.int.registry.reauthenticate-node', {
    from: ['gateway'],
    to: 'registry',
    input: z.strictObject({ by: Actor, reauthentication: node.Reauthentication }),
    output: node.Credential,
    audited: true,
    doc: 'A new credential for a node that was away longer than its old one lived.',
  }),
  listNodes: request('overseer.int.registry.list-nodes', {
    from: ['gateway', 'scheduler'],
    to: 'registry',
    input: z.strictObject({ ...Page }),
    output: node.NodeList,
    audited: false,
    doc: 'Nodes with liveness, from what the core already holds. The scheduler compares its own copy with it.',
  }),
  getNode: request('overseer.int.registry.get-node', {
    from: ['gateway', 'logs'],
    to: 'registry',
    input: NodeById,
    output: node.Node,
    audited: false,
    doc: 'One node.',
  }),
  configureNode: request('overseer.int.registry.configure-node', {
    from: ['gateway'],
    to: 'registry',
    input: z.strictObject({ by: Actor, id: Id, config: node.NodeConfigPatch }),
    output: node.Node,
    audited: true,
    doc: 'Change name, labels or settings of a node; its desired document follows.',
  }),
  removeNode: request('overseer.int.registry.remove-node', {
    from: ['gateway'],
    to: 'registry',
    input: ChangeNode,
    output: Nothing,
    audited: true,
    doc: 'Deregister: the credential is revoked and the live connection cut before the answer.',
  }),
  commandNonce: request('overseer.int.registry.command-nonce', {
    from: ['scheduler'],
    to: 'registry',
    input: NodeById,
    output: z.strictObject({ nonce: z.nullable(Id) }),
    audited: false,
    doc: 'The nonce that commands to a node must name: the one it told in its last hello; null when it never did.',
  }),
  rotateCredential: request('overseer.int.registry.rotate-credential', {
    from: ['gateway'],
    to: 'registry',
    input: ChangeNode,
    output: Nothing,
    audited: true,
    doc: 'Have a node renew its credential now.',
  }),
} as const;
