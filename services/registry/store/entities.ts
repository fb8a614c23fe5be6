// The registry's tables as objects.
import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import type { Facts, Liveness } from '#subjects/schema/node.ts';
import type { ReaderFilters, ReaderRole } from '#subjects/schema/reader.ts';

export const NodeRow = defineEntity({
  name: 'NodeRow',
  tableName: 'nodes',
  properties: {
    id: p.string().primary(),
    name: p.string(),
    labels: p.json<Record<string, string>>(),
    heartbeatSeconds: p.integer(),
    paused: p.boolean(),
    drained: p.boolean(),
    pruneImages: p.string().$type<'off' | 'dangling' | 'unused'>(),
    publicKey: p.string(),
    ageRecipient: p.string(),
    enrollmentToken: p.string(),
    agentVersion: p.string().nullable(),
    bootId: p.string().nullable(),
    /** Told in the last hello; commands name it. */
    nonce: p.string().nullable(),
    facts: p.json<Facts>().nullable(),
    observedGeneration: p.bigint('number').nullable(),
    liveness: p.string().$type<Liveness>(),
    livenessSince: p.datetime().nullable(),
    lastSeenAt: p.datetime().nullable(),
    createdAt: p.datetime(),
    credentialExpiresAt: p.datetime().nullable(),
    removedAt: p.datetime().nullable(),
    /** When the server had its revocation. */
    revokedAt: p.datetime().nullable(),
  },
});
export type NodeRow = InferEntity<typeof NodeRow>;

export const TokenRow = defineEntity({
  name: 'TokenRow',
  tableName: 'enrollment_tokens',
  properties: {
    id: p.string().primary(),
    /** SHA-256 of the whole token. */
    hash: p.string(),
    name: p.string().nullable(),
    labels: p.json<Record<string, string>>(),
    uses: p.integer(),
    used: p.integer(),
    createdAt: p.datetime(),
    createdBy: p.string(),
    expiresAt: p.datetime(),
    revokedAt: p.datetime().nullable(),
  },
});
export type TokenRow = InferEntity<typeof TokenRow>;

export const ReaderRow = defineEntity({
  name: 'ReaderRow',
  tableName: 'readers',
  properties: {
    id: p.string().primary(),
    name: p.string(),
    role: p.string().$type<ReaderRole>(),
    filters: p.json<ReaderFilters>(),
    publicKey: p.string(),
    createdAt: p.datetime(),
    createdBy: p.string(),
    expiresAt: p.datetime(),
    removedAt: p.datetime().nullable(),
    /** When the server had its revocation and no durable of it any more. */
    goneAt: p.datetime().nullable(),
  },
});
export type ReaderRow = InferEntity<typeof ReaderRow>;

export const registryEntities = [NodeRow, TokenRow, ReaderRow];
