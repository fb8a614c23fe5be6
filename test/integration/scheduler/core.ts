// A scheduler on a real bus and a real PostgreSQL. The tests play the registry, the gateway and the nodes, each with its
// own credential.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { coreConfig } from '#infra/config.ts';
import { newHealth } from '#infra/health.ts';
import { newId } from '#infra/ids.ts';
import { createLogger } from '#infra/logger.ts';
import type { Bus, InputOf, OutputOf, RequestName } from '#infra/nats/bus.ts';
import { type Database, openDatabase } from '#infra/postgres/orm.ts';
import { openDocument } from '#infra/signing/document.ts';
import { type Scheduler, startScheduler } from '#services/scheduler/main.ts';
import { documentSigner } from '#services/scheduler/signer.ts';
import { schedulerEntities } from '#services/scheduler/store/entities.ts';
import type { CloudEvent, NodeFact } from '#subjects/schema/cloud-event.ts';
import type { DesiredDocument } from '#subjects/schema/desired.ts';
import type { Node } from '#subjects/schema/node.ts';
import type { ObservedStack, Report } from '#subjects/schema/report.ts';
import type { StackSpec } from '#subjects/schema/stack.ts';
import { startTestBus, type TestBus } from '#test/harness/nats.ts';
import { testDatabase } from '#test/harness/postgres.ts';
import { until } from '#test/harness/until.ts';

export const SOON_MS = 20_000;
export const COMPOSE = 'services:\n  web:\n    image: busybox\n';

export function operator() {
  return { kind: 'operator' as const, id: 'admin', requestId: newId() };
}

export function nodeNamed(name: string, given: Partial<Node> = {}): Node {
  return {
    id: newId(),
    name,
    labels: {},
    liveness: 'online',
    lastSeenAt: null,
    livenessSince: null,
    agentVersion: null,
    bootId: null,
    clockOffsetMs: null,
    observedGeneration: null,
    heartbeatSeconds: 10,
    paused: false,
    drained: false,
    facts: null,
    ageRecipient: null,
    createdAt: new Date().toISOString(),
    credentialExpiresAt: null,
    ...given,
  };
}

const FACTS = { hostname: 'h', os: 'linux', arch: 'x64', kernel: '6', cpus: 1, memoryBytes: 1 };

export interface Core {
  readonly nats: TestBus;
  /** As $OVERSEER_DATA of the schedulers. */
  readonly data: string;
  readonly database: Database;
  readonly nodes: Map<string, Node>;
  readonly schedulers: Scheduler[];
  readonly signer: ReturnType<typeof documentSigner>;
  /** @param hasCompose false: as on a core without the Docker CLI */
  startScheduler(hasCompose?: boolean): Promise<Scheduler>;
  ask<N extends RequestName>(name: N, input: InputOf<N>): Promise<OutputOf<N>>;
  put(name: string, spec: Partial<StackSpec>): Promise<OutputOf<'putStack'>>;
  remove(name: string, volumes?: boolean): Promise<OutputOf<'removeStack'>>;
  /** Told as the registry tells it, and there when it is asked. */
  tell(fact: NodeFact, node: Node, data?: Record<string, unknown>, given?: Partial<CloudEvent>): Promise<void>;
  /** Everything told so far has been handled. */
  handled(): Promise<void>;
  /** A node the scheduler has a document for. */
  enroll(name: string, given?: Partial<Node>): Promise<Node>;
  report(
    node: Node,
    observedGeneration: number,
    stacks: Partial<ObservedStack>[],
    conditions?: Report['conditions'],
  ): Promise<void>;
  /** What the stream holds for the node now. */
  document(node: Node): Promise<DesiredDocument | null>;
  /** The stream's document once it is as it should be. */
  documentWith(node: Node, what: string, isIt: (document: DesiredDocument) => boolean): Promise<DesiredDocument>;
  stop(): Promise<void>;
}

/** @param environment settings of the core, beside its data folder */
export async function startCore(environment: Readonly<Record<string, string>> = {}): Promise<Core> {
  const log = createLogger('test', process.env['TEST_LOG'] ?? 'silent');
  const data = mkdtempSync(join(tmpdir(), 'ovs-scheduler-'));
  const [nats, made] = await Promise.all([startTestBus(), testDatabase()]);
  const database = await openDatabase({ url: made.url, entities: [...schedulerEntities], log });
  const [registry, gateway, reader] = await Promise.all([
    nats.connect('registry'),
    nats.connect('gateway'),
    nats.connect('scheduler'),
  ]);
  const nodes = new Map<string, Node>();
  const schedulers: Scheduler[] = [];
  const buses = new Map<string, Promise<Bus>>();
  const opened: Database[] = [database];
  let told = 0;
  registry.serve('listNodes', async () => ({ items: [...nodes.values()], nextCursor: null }));

  const core: Core = {
    ...{ nats, data, database, nodes, schedulers, signer: documentSigner(data) },
    async startScheduler(hasCompose = true) {
      const own = await openDatabase({ url: made.url, entities: [...schedulerEntities], log });
      opened.push(own);
      const config = coreConfig({ ...environment, OVERSEER_DATA: data });
      const bus = await nats.connect('scheduler');
      const parts = { bus, log, database: own, data, config, version: 'test', health: newHealth() };
      const path = process.env['PATH'];
      if (!hasCompose) process.env['PATH'] = '/nonexistent';
      const scheduler = await startScheduler(parts);
      process.env['PATH'] = path;
      schedulers.push(scheduler);
      return scheduler;
    },
    async ask(name, input) {
      // A server that was killed is back before everybody has found it again.
      await until(async () => gateway.isConnected, SOON_MS, 'the gateway to be connected');
      return gateway.request(name, {} as never, input, { timeoutMs: 30_000 });
    },
    put: (name, spec) =>
      core.ask('putStack', {
        by: operator(),
        name,
        onRevision: null,
        spec: { compose: COMPOSE, targets: { selector: {} }, ...spec },
      }),
    remove: (name, volumes = false) => core.ask('removeStack', { by: operator(), name, volumes }),
    async tell(fact, node, data, given = {}) {
      told += 1;
      const event: CloudEvent = {
        specversion: '1.0',
        id: newId(),
        type: `dev.overseer.node.${fact}.v1`,
        source: 'registry',
        subject: `nodes/${node.id}`,
        time: new Date().toISOString(),
        datacontenttype: 'application/json',
        nodesequence: `${node.id}:${told}`,
        data: data ?? { node },
        ...given,
      };
      // A test before may have restarted the bus.
      await until(() => registry.isConnected, SOON_MS, 'the registry to be connected');
      await registry.emit('nodeFact', { node: node.id, fact }, event);
    },
    async handled() {
      const count = async () => {
        const [row] = await database.em().execute('select count(*) as n from processed_facts');
        return Number((row as { n: string }).n);
      };
      await until(async () => (await count()) >= told, SOON_MS, 'all facts to be handled');
    },
    async enroll(name, given) {
      const node = nodeNamed(name, given);
      nodes.set(node.id, node);
      await core.tell('registered', node);
      await core.documentWith(node, 'its first document', () => true);
      return node;
    },
    async report(node, observedGeneration, stacks, conditions = []) {
      const bus = buses.get(node.id) ?? nats.connect('node', node.id, nats.mintNode(node.id));
      buses.set(node.id, bus);
      const held = await core.ask('getNodeDesired', { id: node.id });
      const report: Report = {
        kind: 'report',
        bootId: newId(),
        agentVersion: 'test',
        at: new Date().toISOString(),
        document: held.desired,
        observedGeneration,
        stacks: stacks.map((stack) => ({
          ...{
            name: 'web',
            revision: 1,
            deployment: null,
            hash: null,
            phase: 'running',
            reason: null,
            services: [],
            drift: [],
          },
          settled: null,
          ...stack,
        })),
        unmanaged: [],
        conditions,
        facts: FACTS,
      };
      await (await bus).emit('nodeReport', { node: node.id }, report);
    },
    async document(node) {
      const stored = await reader.read('desired', { node: node.id });
      if (!stored) return null;
      const found = openDocument(stored.payload, core.signer);
      if (!found.ok) throw new Error(found.reason);
      return found.document;
    },
    documentWith: (node, what, isIt) =>
      until(
        async () => {
          const document = await core.document(node);
          return document && isIt(document) ? document : null;
        },
        SOON_MS,
        `${what} on ${node.name}`,
      ),
    async stop() {
      await Promise.all(schedulers.map((scheduler) => scheduler.stop()));
      await nats.stop();
      await Promise.all(opened.map((one) => one.close()));
      await made.drop();
      rmSync(data, { recursive: true, force: true });
    },
  };
  return core;
}
