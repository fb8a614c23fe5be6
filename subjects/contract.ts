// THE CONTRACT: every message, declared once. Types, validation, permissions, account exports and imports, streams,
// metric labels and the reference are computed from it. The node id is always the third token.

import * as z from 'zod/mini';
import { type Entry, event, feed, request, state } from './define.ts';
import { Actor, Page } from './schema/actor.ts';
import { AuditList, AuditRecord, ListAudit } from './schema/audit.ts';
import { CloudEvent } from './schema/cloud-event.ts';
import { Command, CommandAnswer, SendCommand } from './schema/command.ts';
import { ById, Deployment, DeploymentList, ListDeployments } from './schema/deployment.ts';
import { DesiredDocument, NodeDesiredStatus } from './schema/desired.ts';
import { Id } from './schema/ids.ts';
import { LogBatch } from './schema/log-batch.ts';
import * as node from './schema/node.ts';
import { NodeEvent } from './schema/node-event.ts';
import { Report } from './schema/report.ts';
import { Nothing, ServiceStatus } from './schema/service-status.ts';
import * as stack from './schema/stack.ts';

const NodeById = z.strictObject({ id: Id });
const ChangeNode = z.strictObject({ by: Actor, id: Id });

export const contract = {
  // Node to core ------------------------------------------------------------------------------------------------------
  hello: request('overseer.svc.{node}.registry.hello', {
    from: ['node'],
    to: 'registry',
    input: node.Hello,
    output: node.Welcome,
    audited: false,
    doc: 'An agent that has connected tells its boot, version and command nonce; sent again after every reconnect.',
  }),
  renewCredential: request('overseer.svc.{node}.registry.renew', {
    from: ['node'],
    to: 'registry',
    input: z.strictObject({ kind: z.literal('renew') }),
    output: node.Credential,
    audited: true,
    doc: 'An agent asks for a new credential for its own key, at two thirds of the life of the old one; tried again when lost.',
  }),
  heartbeat: feed('overseer.up.{node}.heartbeat', {
    from: 'node',
    to: 'registry',
    schema: node.Heartbeat,
    doc: 'An agent is alive; the registry derives liveness from it. A lost one is made good by the next.',
  }),
  nodeEvent: event('overseer.up.{node}.event', {
    from: ['node'],
    to: ['registry'],
    schema: NodeEvent,
    stream: 'NODE_EVENTS',
    doc: 'A fact that happened on a node; the registry stores it once by (epoch, sequence) and publishes it as a node fact.',
  }),
  nodeReport: event('overseer.up.{node}.report', {
    from: ['node'],
    to: ['registry', 'scheduler'],
    schema: Report,
    stream: 'NODE_REPORTS',
    doc: 'The whole observed state of a node; only the newest is owed. The scheduler compares it with what is desired.',
  }),
  nodeAudit: event('overseer.up.{node}.audit', {
    from: ['node'],
    to: ['audit'],
    schema: AuditRecord,
    stream: 'NODE_AUDIT',
    doc: "What an agent did on its own; the audit service appends it under the node's name.",
  }),
  nodeLog: event('overseer.log.{node}', {
    from: ['node'],
    to: ['logs'],
    schema: LogBatch,
    stream: 'NODE_LOGS',
    doc: 'A batch of container log lines; the agent keeps its place until the batch is acknowledged.',
  }),

  // Core to node ------------------------------------------------------------------------------------------------------
  desired: state('overseer.desired.{node}', {
    push: 'overseer.push.{node}',
    from: 'scheduler',
    to: 'node',
    schema: DesiredDocument,
    stream: 'DESIRED',
    doc: 'All that a node should run. Signed; the newest generation wins; absence never deletes. Read whole on every connect.',
  }),
  refresh: request('overseer.cmd.{node}.{nonce}.refresh', {
    from: ['scheduler'],
    to: 'node',
    input: Command,
    output: CommandAnswer,
    audited: false,
    doc: 'The agent reads its document again, sends a heartbeat and reports. Lost: the next connect does the same.',
  }),
  renew: request('overseer.cmd.{node}.{nonce}.renew', {
    from: ['scheduler'],
    to: 'node',
    input: Command,
    output: CommandAnswer,
    audited: true,
    doc: 'The agent renews its credential now. Lost: it renews when two thirds of the life have passed.',
  }),

  // What the core publishes -------------------------------------------------------------------------------------------
  nodeFact: event('overseer.event.node.{node}.{fact}', {
    from: ['registry'],
    to: ['scheduler', 'gateway', 'reader'],
    schema: CloudEvent,
    stream: 'EVENTS',
    doc: 'Something happened to or on a node, after it was stored; placement and live views follow it.',
  }),
  deploymentFact: event('overseer.event.deployment.{deployment}.{fact}', {
    from: ['scheduler'],
    to: ['gateway', 'reader'],
    schema: CloudEvent,
    stream: 'EVENTS',
    doc: 'A deployment was created, came further or ended; live views follow it.',
  }),
  auditRecord: event('overseer.audit.{service}', {
    from: ['registry', 'scheduler', 'logs', 'gateway'],
    to: ['audit', 'gateway', 'reader-audit'],
    schema: AuditRecord,
    stream: 'AUDIT',
    doc: 'A state-changing call and its outcome; written before the call is answered.',
  }),

  // Registry ----------------------------------------------------------------------------------------------------------
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
    from: ['gateway'],
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
  rotateCredential: request('overseer.int.registry.rotate-credential', {
    from: ['gateway'],
    to: 'registry',
    input: ChangeNode,
    output: Nothing,
    audited: true,
    doc: 'Have a node renew its credential now.',
  }),

  // Scheduler ---------------------------------------------------------------------------------------------------------
  putStack: request('overseer.int.scheduler.put-stack', {
    from: ['gateway'],
    to: 'scheduler',
    input: stack.PutStack,
    output: stack.PutStackAnswer,
    audited: true,
    doc: 'Store a new revision of a stack and its deployment. Answers once both are stored; nothing waits for Docker.',
  }),
  listStacks: request('overseer.int.scheduler.list-stacks', {
    from: ['gateway'],
    to: 'scheduler',
    input: stack.ListStacks,
    output: stack.StackList,
    audited: false,
    doc: 'Stacks with what nodes reported of them.',
  }),
  getStack: request('overseer.int.scheduler.get-stack', {
    from: ['gateway'],
    to: 'scheduler',
    input: stack.ByName,
    output: stack.StackDetail,
    audited: false,
    doc: 'One stack with its newest specification.',
  }),
  listRevisions: request('overseer.int.scheduler.list-revisions', {
    from: ['gateway'],
    to: 'scheduler',
    input: stack.ByName,
    output: stack.RevisionList,
    audited: false,
    doc: 'Revisions of a stack, newest first.',
  }),
  removeStack: request('overseer.int.scheduler.remove-stack', {
    from: ['gateway'],
    to: 'scheduler',
    input: stack.RemoveStack,
    output: stack.RemoveStackAnswer,
    audited: true,
    doc: 'Take a stack away from all its nodes.',
  }),
  getDeployment: request('overseer.int.scheduler.get-deployment', {
    from: ['gateway'],
    to: 'scheduler',
    input: ById,
    output: Deployment,
    audited: false,
    doc: 'One deployment with each step on each node.',
  }),
  listDeployments: request('overseer.int.scheduler.list-deployments', {
    from: ['gateway'],
    to: 'scheduler',
    input: ListDeployments,
    output: DeploymentList,
    audited: false,
    doc: 'Deployments, newest first.',
  }),
  getNodeDesired: request('overseer.int.scheduler.get-node-desired', {
    from: ['gateway'],
    to: 'scheduler',
    input: NodeById,
    output: NodeDesiredStatus,
    audited: false,
    doc: 'What a node should run beside what it reported.',
  }),
  sendCommand: request('overseer.int.scheduler.command', {
    from: ['registry'],
    to: 'scheduler',
    input: SendCommand,
    output: Nothing,
    audited: false,
    doc: 'Sign a command and send it to a node. Only the scheduler holds the key.',
  }),

  // Audit and status --------------------------------------------------------------------------------------------------
  listAudit: request('overseer.int.audit.list', {
    from: ['gateway'],
    to: 'audit',
    input: ListAudit,
    output: AuditList,
    audited: false,
    doc: 'Audit records, newest first.',
  }),
  registryStatus: request('overseer.int.registry.status', {
    from: ['gateway'],
    to: 'registry',
    input: Nothing,
    output: ServiceStatus,
    audited: false,
    doc: 'Is the registry there, and what does it count.',
  }),
  schedulerStatus: request('overseer.int.scheduler.status', {
    from: ['gateway'],
    to: 'scheduler',
    input: Nothing,
    output: ServiceStatus,
    audited: false,
    doc: 'Is the scheduler there, and what does it count.',
  }),
  logsStatus: request('overseer.int.logs.status', {
    from: ['gateway'],
    to: 'logs',
    input: Nothing,
    output: ServiceStatus,
    audited: false,
    doc: 'Is the logs service there, and what does it count.',
  }),
  auditStatus: request('overseer.int.audit.status', {
    from: ['gateway'],
    to: 'audit',
    input: Nothing,
    output: ServiceStatus,
    audited: false,
    doc: 'Is the audit service there, and what does it count.',
  }),
} as const satisfies Record<string, Entry>;

export type Contract = typeof contract;
export type MessageName = keyof Contract;

/** Entries in the order of declaration. */
export const entries: readonly (readonly [MessageName, Entry])[] = Object.entries(contract) as [MessageName, Entry][];
