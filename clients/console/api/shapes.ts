// What the gateway answers, as far as the console reads it. Types only; the gateway validates.
export type Liveness = 'pending' | 'online' | 'suspect' | 'offline';
export type Labels = Readonly<Record<string, string>>;

export interface Facts {
  hostname: string;
  os: string;
  arch: string;
  kernel: string;
  cpus: number;
  memoryBytes: number;
  dockerVersion?: string;
  composeVersion?: string;
}

export interface Node {
  id: string;
  name: string;
  labels: Labels;
  liveness: Liveness;
  lastSeenAt: string | null;
  livenessSince: string | null;
  agentVersion: string | null;
  clockOffsetMs: number | null;
  observedGeneration: number | null;
  heartbeatSeconds: number;
  paused: boolean;
  drained: boolean;
  facts: Facts | null;
  createdAt: string;
  credentialExpiresAt: string | null;
}

export interface NodeConfig {
  name: string;
  labels: Labels;
  heartbeatSeconds: number;
  paused: boolean;
  drained: boolean;
}

export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

export interface ServiceOnNode {
  name: string;
  container: string;
  image: string;
  state: string;
  health: string | null;
  restarts: number;
  startedAt: string | null;
}

export interface NodeStatus {
  desired: { generation: number } | null;
  observedGeneration: number | null;
  reportedAt: string | null;
  stacks: {
    name: string;
    desiredRevision: number | null;
    observedRevision: number | null;
    phase: string;
    reason: string | null;
    services: ServiceOnNode[];
  }[];
  conditions: { type: string; status: boolean; reason: string; since: string }[];
}

export interface EnrollmentToken {
  id: string;
  uses: number;
  used: number;
  expiresAt: string;
  revokedAt: string | null;
}
export interface EnrollmentTokenSpec {
  ttlSeconds: number;
  labels?: Labels;
  name?: string;
}
export interface IssuedToken {
  id: string;
  token: string;
  expiresAt: string;
  command: string;
}

export type StackPhase =
  | 'pending'
  | 'applying'
  | 'running'
  | 'degraded'
  | 'failed'
  | 'stopped'
  | 'removing'
  | 'removed';

export interface Targets {
  nodes?: string[];
  selector?: Labels;
}
export interface StackSpec {
  compose: string;
  files?: Record<string, string>;
  env?: Record<string, string>;
  targets: Targets;
  strategy?: { stabilitySeconds?: number; healthTimeoutSeconds?: number };
  state?: 'running' | 'stopped';
}
export interface StackOnNode {
  node: string;
  phase: StackPhase;
  revision: number | null;
  reason: string | null;
}
export interface Stack {
  name: string;
  revision: number;
  state: 'running' | 'stopped';
  targets: Targets;
  deployment: string | null;
  nodes: StackOnNode[];
  createdAt: string;
  updatedAt: string;
}
export interface StackDetail extends Stack {
  spec: StackSpec;
}
export interface Revision {
  revision: number;
  hash: string;
  createdAt: string;
  createdBy: string;
  deployment: string | null;
}
export interface DeployAnswer {
  name: string;
  revision: number;
  deployment: string | null;
  changed: boolean;
}

export type DeploymentState = 'pending' | 'progressing' | 'succeeded' | 'failed' | 'superseded';
export interface DeploymentStep {
  step: string;
  why: string;
  startedAt: string;
  finishedAt: string | null;
  outcome: 'ok' | 'failed' | null;
  reason: string | null;
  exitCode: number | null;
  output: string[];
}
export interface DeploymentTarget {
  node: string;
  nodeName: string;
  state: DeploymentState;
  reason: string | null;
  parked: boolean;
  finishedAt: string | null;
  steps: DeploymentStep[];
}
export interface Deployment {
  id: string;
  stack: string;
  kind: 'apply' | 'remove';
  revision: number;
  state: DeploymentState;
  reason: string | null;
  createdAt: string;
  createdBy: string;
  finishedAt: string | null;
  targets: DeploymentTarget[];
}

/** CloudEvents 1.0, structured. */
export interface Fact {
  id: string;
  type: string;
  source: string;
  subject: string;
  time: string;
  data: Readonly<Record<string, unknown>>;
}

export interface AuditRecord {
  id: string;
  sequence: number;
  at: string;
  actor: { kind: string; id: string; origin?: string; requestId: string };
  action: string;
  object: string;
  outcome: 'accepted' | 'refused';
  code: string | null;
  detail: Readonly<Record<string, string | number | boolean | null>>;
  source: string;
}
