// The scheduler's tables. Foreign keys are left out on purpose: rows of different ages meet here (a node that is gone, a
// deployment that outlives it), and every write happens in a transaction of this service.
import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import type { DeploymentKind, DeploymentState } from '#subjects/schema/deployment.ts';
import type { DriftItem } from '#subjects/schema/drift.ts';
import type { NodeConfig } from '#subjects/schema/node.ts';
import type { StackFailure } from '#subjects/schema/node-event.ts';
import type { Report } from '#subjects/schema/report.ts';
import type { ImageState, SourceState } from '#subjects/schema/source.ts';
import type { Targets } from '#subjects/schema/stack.ts';
import type { Content, Resolution, Settings } from '../specification.ts';
import type { StepTold } from '../steps.ts';

export const StackRow = defineEntity({
  name: 'StackRow',
  tableName: 'stacks',
  properties: {
    name: p.string().primary(),
    revision: p.integer(),
    state: p.string().$type<'running' | 'stopped'>(),
    contentHash: p.string(),
    /** Of content and state: what nodes compare. */
    hash: p.string(),
    /** Of content and `stopped`, for nodes on which it was stopped. */
    stoppedHash: p.string(),
    targets: p.json<Targets>(),
    settings: p.json<Settings>(),
    resolution: p.json<Resolution>(),
    /** Nodes on which it was stopped though the stack runs. */
    stoppedNodes: p.json<string[]>(),
    sourceState: p.json<SourceState>().nullable(),
    imageState: p.json<ImageState[]>(),
    deployment: p.string().nullable(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
    removedAt: p.datetime().nullable(),
    removedVolumes: p.boolean(),
  },
});
export type StackRow = InferEntity<typeof StackRow>;

export const RevisionRow = defineEntity({
  name: 'RevisionRow',
  tableName: 'revisions',
  properties: {
    stack: p.string().primary(),
    revision: p.integer().primary(),
    hash: p.string(),
    content: p.json<Content>(),
    deployment: p.string(),
    createdAt: p.datetime(),
    createdBy: p.string(),
    /** Commit it was made from. */
    commit: p.string().nullable(),
    /** Service -> image with digest. */
    pins: p.json<Record<string, string>>(),
  },
});
export type RevisionRow = InferEntity<typeof RevisionRow>;

export const DeploymentRow = defineEntity({
  name: 'DeploymentRow',
  tableName: 'deployments',
  properties: {
    id: p.string().primary(),
    stack: p.string(),
    kind: p.string().$type<DeploymentKind>(),
    revision: p.integer(),
    state: p.string().$type<DeploymentState>(),
    reason: p.text().nullable(),
    createdAt: p.datetime(),
    createdBy: p.string(),
    finishedAt: p.datetime().nullable(),
    /** The next batch goes no sooner. */
    pausedUntil: p.datetime().nullable(),
    /** Batches up to this one may go without another word. */
    approvedBatch: p.integer(),
    /** An operator stopped it: no batch goes any more. */
    cancelled: p.boolean(),
  },
});
export type DeploymentRow = InferEntity<typeof DeploymentRow>;

export const TargetRow = defineEntity({
  name: 'TargetRow',
  tableName: 'deployment_targets',
  properties: {
    deployment: p.string().primary(),
    node: p.string().primary(),
    stack: p.string(),
    action: p.string().$type<'run' | 'remove'>(),
    hash: p.string().nullable(),
    generation: p.bigint('number'),
    state: p.string().$type<DeploymentState>(),
    reason: p.text().nullable(),
    parked: p.boolean(),
    finishedAt: p.datetime().nullable(),
    batch: p.integer(),
    failure: p.json<StackFailure>().nullable(),
  },
});
export type TargetRow = InferEntity<typeof TargetRow>;

/** What a node told of its steps, as it came; steps.ts puts it together. */
export const StepEventRow = defineEntity({
  name: 'StepEventRow',
  tableName: 'deployment_step_events',
  properties: {
    id: p.bigint('number').primary().autoincrement(),
    deployment: p.string(),
    node: p.string(),
    /** In the node's own order: facts may overtake each other on their way. */
    sequence: p.bigint('number'),
    kind: p.string().$type<'started' | 'output' | 'finished'>(),
    step: p.text(),
    at: p.datetime(),
    told: p.json<StepTold>(),
    /** Of output. */
    lines: p.integer(),
    /** About what it adds to a view, as JSON. */
    bytes: p.integer(),
    /** Lines that were not kept. */
    dropped: p.integer(),
  },
});

/** The registry's nodes, as far as placement needs them. */
export const NodeRow = defineEntity({
  name: 'NodeRow',
  tableName: 'placed_nodes',
  properties: {
    id: p.string().primary(),
    config: p.json<NodeConfig>(),
    ageRecipient: p.string().nullable(),
    liveness: p.string(),
    removed: p.boolean(),
    /** Time of the fact or answer that told it: older ones change nothing. */
    toldAt: p.datetime(),
    livenessAt: p.datetime(),
  },
});
export type NodeRow = InferEntity<typeof NodeRow>;

export const AssignmentRow = defineEntity({
  name: 'AssignmentRow',
  tableName: 'assignments',
  properties: {
    node: p.string().primary(),
    stack: p.string().primary(),
    kind: p.string().$type<'run' | 'removed'>(),
    deployment: p.string().nullable(),
    revision: p.integer().nullable(),
    state: p.string().$type<'running' | 'stopped'>().nullable(),
    hash: p.string().nullable(),
    generation: p.bigint('number').nullable(),
    volumes: p.boolean(),
    resolution: p.json<Resolution>(),
    confirmedAt: p.datetime().nullable(),
  },
});
export type AssignmentRow = InferEntity<typeof AssignmentRow>;

export const DocumentRow = defineEntity({
  name: 'DocumentRow',
  tableName: 'desired_documents',
  properties: {
    node: p.string().primary(),
    epoch: p.string(),
    generation: p.bigint('number'),
    hash: p.string(),
    config: p.json<NodeConfig>(),
    payload: p.blob().lazy(),
    issuedAt: p.datetime(),
  },
});
export type DocumentRow = InferEntity<typeof DocumentRow>;

export const ReportRow = defineEntity({
  name: 'ReportRow',
  tableName: 'node_reports',
  properties: {
    node: p.string().primary(),
    report: p.json<Report>(),
    streamSequence: p.bigint('number'),
    reportedAt: p.datetime(),
    receivedAt: p.datetime(),
  },
});

/** Each report's stacks, one row each: lists read them without opening reports. */
export const ObservedRow = defineEntity({
  name: 'ObservedRow',
  tableName: 'observed_stacks',
  properties: {
    node: p.string().primary(),
    stack: p.string().primary(),
    phase: p.string().$type<Report['stacks'][number]['phase']>(),
    revision: p.integer().nullable(),
    reason: p.text().nullable(),
    drift: p.json<DriftItem[]>(),
  },
});
export type ObservedRow = InferEntity<typeof ObservedRow>;

export const schedulerEntities = [
  StackRow,
  RevisionRow,
  DeploymentRow,
  TargetRow,
  StepEventRow,
  NodeRow,
  AssignmentRow,
  DocumentRow,
  ReportRow,
  ObservedRow,
];
