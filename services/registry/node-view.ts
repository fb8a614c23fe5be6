// Pure. A node as others see it: what is stored, and over it what its heartbeats say.
import type { EnrollmentToken, Liveness, Node } from '#subjects/schema/node.ts';
import type { NodeRow, TokenRow } from './store/entities.ts';

/** What is known from heartbeats since the registry started. */
export interface Live {
  readonly liveness: Liveness;
  readonly livenessSince: Date | null;
  readonly lastSeenAt: Date | null;
  readonly agentVersion: string | null;
  readonly bootId: string | null;
  readonly clockOffsetMs: number | null;
  readonly observedGeneration: number | null;
}

const text = (time: Date | null | undefined) => time?.toISOString() ?? null;

export function nodeView(row: NodeRow, live: Live | null = null): Node {
  return {
    id: row.id,
    name: row.name,
    labels: row.labels,
    liveness: live?.liveness ?? row.liveness,
    lastSeenAt: text(live?.lastSeenAt ?? row.lastSeenAt),
    livenessSince: text(live?.livenessSince ?? row.livenessSince),
    agentVersion: live?.agentVersion ?? row.agentVersion ?? null,
    bootId: live?.bootId ?? row.bootId ?? null,
    clockOffsetMs: live?.clockOffsetMs ?? null,
    observedGeneration: live?.observedGeneration ?? row.observedGeneration ?? null,
    heartbeatSeconds: row.heartbeatSeconds,
    paused: row.paused,
    drained: row.drained,
    ...(row.pruneImages === 'off' ? {} : { pruneImages: row.pruneImages }),
    facts: row.facts ?? null,
    ageRecipient: row.ageRecipient,
    createdAt: row.createdAt.toISOString(),
    credentialExpiresAt: text(row.credentialExpiresAt),
  };
}

export function tokenView(row: TokenRow): EnrollmentToken {
  return {
    id: row.id,
    name: row.name ?? null,
    labels: row.labels,
    uses: row.uses,
    used: row.used,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    revokedAt: text(row.revokedAt),
  };
}
