// All that the stand-in answers with. Tests change it and tell the console by a fact, as a core would.

import type * as z from 'zod/mini';
import type { StoredAuditRecord } from '#subjects/schema/audit.ts';
import type { CloudEvent } from '#subjects/schema/cloud-event.ts';
import type { Deployment } from '#subjects/schema/deployment.ts';
import type { EnrollmentToken, Node } from '#subjects/schema/node.ts';
import type { StackDetail } from '#subjects/schema/stack.ts';
import { fleetOf } from './fleet.ts';
import { auditOf, factsOf } from './history.ts';
import { deploymentOf, stacksOf } from './stacks.ts';

export interface World {
  nodes: Node[];
  stacks: StackDetail[];
  deployments: Deployment[];
  events: CloudEvent[];
  audit: z.infer<typeof StoredAuditRecord>[];
  tokens: EnrollmentToken[];
}

export function emptyWorld(): World {
  return { nodes: [], stacks: [], deployments: [], events: [], audit: [], tokens: [] };
}

export function worldOf(count: number, now: number): World {
  const nodes = fleetOf(count, now);
  const stacks = stacksOf(nodes, now);
  return {
    nodes,
    stacks,
    deployments: stacks.map((stack) => deploymentOf(stack, nodes, now)),
    events: factsOf(nodes, 120, now),
    audit: auditOf(nodes, 60, now),
    tokens: [],
  };
}
