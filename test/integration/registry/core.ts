// A registry on a real bus and a real database, and what stands around it: the gateway that asks, nodes that enroll.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { coreConfig } from '#infra/config.ts';
import { newHealth } from '#infra/health.ts';
import { newId } from '#infra/ids.ts';
import { createLogger } from '#infra/logger.ts';
import type { Bus, LiveMessage, OutputOf, Stoppable } from '#infra/nats/bus.ts';
import { type CredentialSource, credentialOf, newUserKey, userKey } from '#infra/nats/credentials.ts';
import { type Database, openDatabase } from '#infra/postgres/orm.ts';
import type { ServiceContext } from '#infra/service.ts';
import { signBytes } from '#infra/signing/ed25519.ts';
import { type RegistryOverrides, startRegistry } from '#services/registry/main.ts';
import { registryEntities } from '#services/registry/store/entities.ts';
import type { StreamName } from '#subjects/define.ts';
import type { Actor } from '#subjects/schema/actor.ts';
import type { EnrollmentTokenSpec, Heartbeat, Registration } from '#subjects/schema/node.ts';
import { startTestBus, type TestBus } from '#test/harness/nats.ts';
import { testDatabase } from '#test/harness/postgres.ts';

export const SOON_MS = 15_000;
export const facts = { hostname: 'host', os: 'linux', arch: 'x64', kernel: '6', cpus: 1, memoryBytes: 1 };

export const operator = (): Actor => ({ kind: 'operator', id: 'admin', requestId: newId() });

export interface Applicant {
  readonly seed: string;
  readonly publicKey: string;
}

export function registrationOf({ seed, publicKey }: Applicant, token: string, hostname = 'host'): Registration {
  const proof = signBytes('enrollment', Buffer.from(token), userKey(seed).privateKey).toString('base64url');
  const ageRecipient = `age1${'q'.repeat(58)}`;
  return { token, publicKey, ageRecipient, proof, agentVersion: '1.0.0', facts: { ...facts, hostname } };
}

export function heartbeatOf(sequence: number, fields: Partial<Heartbeat> = {}): Heartbeat {
  return {
    ...{ kind: 'heartbeat', bootId: 'b'.repeat(26), sequence, agentVersion: '1.0.0', intervalSeconds: 1 },
    ...{ at: new Date().toISOString(), observedGeneration: 0, documentHash: null },
    ...fields,
  };
}

export interface EnrolledNode extends Applicant {
  readonly id: string;
  readonly name: string;
  readonly credential: CredentialSource;
}

export interface RegistryCore {
  readonly nats: TestBus;
  readonly database: Database;
  readonly gateway: Bus;
  /** Stops the one that runs. */
  startRegistry(overrides?: RegistryOverrides): Promise<void>;
  stopRegistry(): Promise<void>;
  token(spec?: EnrollmentTokenSpec): Promise<string>;
  register(registration: Registration): Promise<OutputOf<'registerNode'>>;
  enroll(hostname?: string): Promise<EnrolledNode>;
  connect(node: EnrolledNode): Promise<Bus>;
  stored(stream: StreamName): Promise<LiveMessage[]>;
  stop(): Promise<void>;
}

export async function startRegistryCore(): Promise<RegistryCore> {
  const log = createLogger('test', process.env['TEST_LOG'] ?? 'silent');
  const server = await testDatabase();
  const nats = await startTestBus();
  const database = await openDatabase({ url: server.url, entities: registryEntities, log });
  const gateway = await nats.connect('gateway');
  const { data } = nats;
  mkdirSync(join(data, 'keys'), { recursive: true });
  writeFileSync(join(data, 'keys', 'document-signer.pub'), 'c2lnbmVy');
  const config = coreConfig({ OVERSEER_DATA: data, OVERSEER_NATS: nats.servers[0] ?? '' });
  let running: (Stoppable & { readonly bus: Bus }) | null = null;

  const core: RegistryCore = {
    ...{ nats, database, gateway },
    async startRegistry(overrides = {}) {
      await core.stopRegistry();
      const bus = await nats.connect('registry');
      const context: ServiceContext = { bus, log, database, data, config, version: '0.0.0', health: newHealth() };
      const registry = await startRegistry(context, overrides);
      await bus.flush();
      running = { bus, stop: () => registry.stop() };
    },
    async stopRegistry() {
      await running?.stop();
      await running?.bus.close();
      running = null;
    },
    async token(spec = {}) {
      const input = { by: operator(), spec, url: 'https://core.example:7700' };
      return (await gateway.request('createEnrollmentToken', {}, input)).token;
    },
    register: (registration) =>
      gateway.request('registerNode', {}, { by: operator(), registration }, { timeoutMs: 60_000 }),
    async enroll(hostname = 'host') {
      const applicant = newUserKey();
      const { node, credential } = await core.register(registrationOf(applicant, await core.token(), hostname));
      return { ...applicant, id: node.id, name: node.name, credential: credentialOf(credential.jwt, applicant.seed) };
    },
    connect: ({ id, credential }) => nats.connect('node', id, credential),
    async stored(stream) {
      const { messages } = await gateway.history(stream, 1, 5000);
      return messages;
    },
    async stop() {
      await core.stopRegistry();
      await nats.stop();
      await database.close();
      await server.drop();
    },
  };
  await core.startRegistry();
  return core;
}
