// What a node and the core say to each other. The node's id is the third token.
import * as z from 'zod/mini';
import { event, feed, request, state } from '../define.ts';
import { LOG_BATCH_MAX_UNPACKED_BYTES, REPORT_MAX_UNPACKED_BYTES } from '../limits.ts';
import { ActCommand } from '../schema/action.ts';
import { NodeAudit } from '../schema/audit.ts';
import { SignedCheckpoint, Witness } from '../schema/checkpoint.ts';
import { Command, CommandAnswer } from '../schema/command.ts';
import { DesiredDocument } from '../schema/desired.ts';
import { LogBatch } from '../schema/log-batch.ts';
import * as node from '../schema/node.ts';
import { NodeEvent } from '../schema/node-event.ts';
import { Preview, PreviewCommand } from '../schema/plan.ts';
import { ProjectsAnswer, ProjectsCommand } from '../schema/project.ts';
import { Report } from '../schema/report.ts';

export const nodeMessages = {
  // Node to core
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
    unpackedMaxBytes: REPORT_MAX_UNPACKED_BYTES,
    doc: 'The whole observed state of a node; only the newest is owed. The scheduler compares it with what is desired.',
  }),
  nodeAudit: event('overseer.up.{node}.audit', {
    from: ['node'],
    to: ['audit'],
    schema: NodeAudit,
    stream: 'NODE_AUDIT',
    doc: "What an agent did, in a signed chain of its own; the audit service appends it under the node's name.",
  }),
  nodeLog: event('overseer.log.{node}', {
    from: ['node'],
    to: ['logs'],
    schema: LogBatch,
    stream: 'NODE_LOGS',
    unpackedMaxBytes: LOG_BATCH_MAX_UNPACKED_BYTES,
    doc: 'A batch of container log lines; the agent keeps its place until the batch is acknowledged.',
  }),

  // Core to node
  checkpoint: feed('overseer.all.{service}.checkpoint', {
    from: 'audit',
    to: 'node',
    schema: SignedCheckpoint,
    doc: 'What the audit held at a time, signed; every agent keeps the newest as a witness. A lost one is made good by the next.',
  }),
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
  preview: request('overseer.cmd.{node}.{nonce}.preview', {
    from: ['scheduler'],
    to: 'node',
    input: PreviewCommand,
    output: Preview,
    audited: false,
    doc: 'The agent answers what a specification would change here; nothing is changed.',
  }),
  act: request('overseer.cmd.{node}.{nonce}.act', {
    from: ['scheduler'],
    to: 'node',
    input: ActCommand,
    output: CommandAnswer,
    audited: true,
    doc: 'The agent restarts or pulls services of a stack, or prunes images; the outcome is told as events. Lost: it did not happen.',
  }),
  projects: request('overseer.cmd.{node}.{nonce}.projects', {
    from: ['scheduler'],
    to: 'node',
    input: ProjectsCommand,
    output: ProjectsAnswer,
    audited: false,
    doc: 'The agent lists Compose projects that no document names, and the files of one of them.',
  }),
  witness: request('overseer.cmd.{node}.{nonce}.witness', {
    from: ['scheduler'],
    to: 'node',
    input: Command,
    output: Witness,
    audited: false,
    doc: 'The agent answers which checkpoints of the audit it holds; a rewritten database is found out by them.',
  }),
  renew: request('overseer.cmd.{node}.{nonce}.renew', {
    from: ['scheduler'],
    to: 'node',
    input: Command,
    output: CommandAnswer,
    audited: true,
    doc: 'The agent renews its credential now. Lost: it renews when two thirds of the life have passed.',
  }),
} as const;
