// All that the stand-in answers with. Tests change it and tell the console by a fact, as a core would.

import type * as z from 'zod/mini';
import type { StoredAuditRecord } from '#subjects/schema/audit.ts';
import type { CloudEvent } from '#subjects/schema/cloud-event.ts';
import type { Deployment } from '#subjects/schema/deployment.ts';
import type { LogCoverage, LogItem } from '#subjects/schema/log.ts';
import type { EnrollmentToken, Node } from '#subjects/schema/node.ts';
import type { Notification, NotificationDelivery } from '#subjects/schema/notification.ts';
import type { ProjectSummary } from '#subjects/schema/project.ts';
import type { Reader } from '#subjects/schema/reader.ts';
import type { Secret, SecretMode } from '#subjects/schema/secret.ts';
import type { StackDetail } from '#subjects/schema/stack.ts';
import { fleetOf } from './fleet.ts';
import { auditOf, factsOf } from './history.ts';
import { coverageOf, logsOf } from './logs.ts';
import { deliveriesOf, notificationsOf, readersOf } from './receivers.ts';
import { rolloutOf } from './rollout.ts';
import { projectsOf, secretsOf } from './secrets.ts';
import { deploymentOf, stacksOf } from './stacks.ts';

export interface World {
  nodes: Node[];
  stacks: StackDetail[];
  deployments: Deployment[];
  events: CloudEvent[];
  audit: z.infer<typeof StoredAuditRecord>[];
  /** In order of arrival, and of time. */
  logs: LogItem[];
  coverage: LogCoverage[];
  readers: Reader[];
  notifications: Notification[];
  deliveries: NotificationDelivery[];
  /** Somebody changed the audit in the database. */
  isTampered: boolean;
  tokens: EnrollmentToken[];
  secrets: Secret[];
  secretMode: SecretMode;
  recoveryRecipient: string | null;
  /** Of nodes, by their ids. */
  projects: Record<string, ProjectSummary[]>;
}

export function emptyWorld(): World {
  return {
    nodes: [],
    stacks: [],
    deployments: [],
    events: [],
    audit: [],
    logs: [],
    coverage: [],
    readers: [],
    notifications: [],
    deliveries: [],
    isTampered: false,
    tokens: [],
    secrets: [],
    secretMode: 'managed',
    recoveryRecipient: null,
    projects: {},
  };
}

export function worldOf(count: number, now: number): World {
  const nodes = fleetOf(count, now);
  const stacks = stacksOf(nodes, now);
  return {
    nodes,
    stacks,
    deployments: [...stacks.map((stack) => deploymentOf(stack, nodes, now)), rolloutOf(nodes, now)],
    events: factsOf(nodes, 120, now),
    audit: auditOf(nodes, 60, now),
    logs: logsOf(nodes, 3000, now),
    coverage: coverageOf(nodes, now),
    readers: readersOf(now),
    notifications: notificationsOf(now),
    deliveries: deliveriesOf(now),
    isTampered: false,
    tokens: [],
    secrets: secretsOf(nodes, now),
    secretMode: 'managed',
    recoveryRecipient: `age1${'qpzry9x8gf2tvdw0s3jn54khce6mua7l'.repeat(2).slice(0, 58)}`,
    projects: projectsOf(nodes),
  };
}
