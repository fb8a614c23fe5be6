// A core in a test's own hands, on a real server, and agents that are linked to it: the test is registry and scheduler
// and hears all that agents tell.
import assert from 'node:assert/strict';
import { type AgentParts, type RunningAgent, startAgent } from '#agent/agent.ts';
import { nodeCredential } from '#agent/credential.ts';
import { type DocumentCache, memoryCache } from '#agent/desired/cache.ts';
import { memoryStore } from '#agent/state/memory-store.ts';
import { newId } from '#infra/ids.ts';
import { createLogger } from '#infra/logger.ts';
import type { Bus } from '#infra/nats/bus.ts';
import { connectBus } from '#infra/nats/connect.ts';
import { newUserKey } from '#infra/nats/credentials.ts';
import { sealDocument } from '#infra/signing/document.ts';
import { newSigningKey, publicKeyFromRaw, rawPublicKey } from '#infra/signing/ed25519.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { DesiredDocument } from '#subjects/schema/desired.ts';
import type { Heartbeat, Hello } from '#subjects/schema/node.ts';
import type { NodeEvent } from '#subjects/schema/node-event.ts';
import type { Report } from '#subjects/schema/report.ts';
import { startTestBus, type TestBus } from '#test/harness/nats.ts';
import { type MemoryRuntime, memoryRuntime } from './memory-runtime.ts';
import { wanted } from './reconciler.ts';

export let server: TestBus;
export let registry: Bus;
export let scheduler: Bus;

export const signer = newSigningKey();
export const heard = {
  hellos: [] as Hello[],
  beats: [] as Heartbeat[],
  reports: [] as Report[],
  events: [] as { sequence: number; epoch: string; event: NodeEvent }[],
};
const deadLetter = async () => {};

/** An agent under test with all that is its own. */
export interface Node {
  readonly id: string;
  readonly runtime: MemoryRuntime;
  readonly cache: DocumentCache;
  agent: RunningAgent;
  reads: number;
  /** Runs it again, as after a restart with its documents kept. */
  start(over?: Partial<AgentParts>): Promise<void>;
  desire(names: string[], more?: Partial<DesiredDocument>, key?: typeof signer): Promise<void>;
}

/** Those of the test that runs. */
export const nodes: Node[] = [];

export async function newNode(life: { issuedAt?: Date; expiresAt?: Date } = {}): Promise<Node> {
  const id = newId();
  const { seed } = newUserKey();
  const jwt = server.mint('node', id, { seed, ...life }).jwt();
  const expiresAt = (life.expiresAt ?? new Date(Date.now() + 3600_000)).toISOString();
  const runtime = memoryRuntime();
  const cache = memoryCache();
  const log = createLogger('agent', process.env['TEST_LOG'] ?? 'silent');
  let generation = 0;
  let sequence = 0;
  let reads = 0;
  const node: Node = {
    id,
    runtime,
    cache,
    agent: undefined as never,
    get reads() {
      return reads;
    },
    async start(over = {}) {
      const counting = Object.assign(Object.create(log), {
        info(...told: unknown[]) {
          if (told.at(-1) === 'desired document read') reads += 1;
          (log.info as (...all: unknown[]) => void).apply(log, told);
        },
      });
      node.agent = await startAgent({
        node: id,
        signer: publicKeyFromRaw(rawPublicKey(signer)),
        credential: nodeCredential(seed, { jwt, expiresAt }, async () => {}),
        connect: (credential) =>
          connectBus({ principal: 'node', name: id, servers: server.servers, ca: server.ca, credential, log }),
        reauthenticate: () => Promise.reject(new OverseerError('unavailable', 'no gateway')),
        documents: cache,
        store: memoryStore(newId()),
        runtime,
        facts: () => ({ hostname: 'h', os: 'o', arch: 'a', kernel: 'k', cpus: 1, memoryBytes: 1 }),
        version: '0',
        log: counting,
        ...over,
      });
    },
    async desire(names, more = {}, key = signer) {
      generation += 1;
      const config = { name: 'n', labels: {}, heartbeatSeconds: 1, paused: false, drained: false };
      const stacks = names.map((name) => wanted(name, 'services: {a: {image: x}}'));
      const document: DesiredDocument = {
        kind: 'desired',
        version: 1,
        node: id,
        epoch: 'e'.repeat(26),
        generation,
        issuedAt: new Date().toISOString(),
        config,
        stacks,
        removed: [],
        ...more,
      };
      const { payload } = sealDocument(document, key);
      sequence = await scheduler.put('desired', { node: id }, payload, { expectedSequence: sequence, generation });
    },
  };
  nodes.push(node);
  return node;
}

export const up = (node: Node) => [...node.runtime.containers.keys()].toSorted();
export const eventsOf = (node: Node) => {
  const { bootId } = node.agent.report();
  return heard.events.filter(({ event }) => event.bootId === bootId);
};

export async function serveCore(): Promise<void> {
  server = await startTestBus();
  registry = await server.connect('registry');
  scheduler = await server.connect('scheduler');
  registry.serve('hello', async (hello) => {
    heard.hellos.push(hello);
    return { time: new Date().toISOString() };
  });
  registry.listen('heartbeat', (beat) => void heard.beats.push(beat));
  registry.consume('nodeEvent', {
    deadLetter,
    async handle({ body, position }) {
      assert.ok(position);
      heard.events.push({ ...position, event: body });
    },
  });
  scheduler.consume('nodeReport', { deadLetter, handle: async ({ body }) => void heard.reports.push(body) });
}
