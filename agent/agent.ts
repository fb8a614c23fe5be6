// An agent put together from its parts. Real and simulated agents differ by what they hand in here: the runtime, where
// state is kept and how the bus is reached; all that is between is the same.
import type { KeyObject } from 'node:crypto';
import { newId } from '#infra/ids.ts';
import type { Logger } from '#infra/logger.ts';
import type { Bus } from '#infra/nats/bus.ts';
import type { Credential, Facts, Reauthentication } from '#subjects/schema/node.ts';
import type { Report } from '#subjects/schema/report.ts';
import { auditKeeper } from './audit/keeper.ts';
import { commandDone } from './audit/records.ts';
import { memoryWitness, startWitness, type WitnessFile } from './audit/witness.ts';
import { clockSkew } from './clock-skew.ts';
import { CommandJournal } from './commands.ts';
import { Conditions } from './conditions.ts';
import type { NodeCredential } from './credential.ts';
import type { DocumentCache } from './desired/cache.ts';
import { HeldDocument } from './desired/held.ts';
import type { EngineTools } from './engine-tools.ts';
import { startHeartbeat } from './heartbeat.ts';
import type { LogShipping, LogsAround } from './logs/ship.ts';
import { nodeCommands } from './node-commands.ts';
import { nodeFacts } from './node-facts.ts';
import { startDrain } from './outbox/drain.ts';
import { recorder } from './outbox/recorder.ts';
import { startRenewal } from './renewal.ts';
import { startReporter } from './report.ts';
import { type Door, door } from './secrets/door.ts';
import { openly } from './secrets/redactor.ts';
import { type Session, startSession } from './session.ts';
import { startLoop } from './stacks/loop.ts';
import type { StackRuntime } from './stacks/runtime.ts';
import type { AgentStore } from './state/store.ts';

export interface AgentParts {
  readonly node: string;
  /** Signs documents and commands; pinned at enrollment. */
  readonly signer: KeyObject;
  readonly credential: NodeCredential;
  /** One attempt. @throws OverseerError `unauthorized` or `unavailable` */
  connect(credential: NodeCredential): Promise<Bus>;
  /** A new credential over HTTP, when the old one has ended. */
  reauthenticate(proof: Reauthentication): Promise<Credential>;
  readonly documents: DocumentCache;
  readonly store: AgentStore;
  /** Left out: checkpoints of the audit are forgotten with the process. */
  readonly witness?: WitnessFile;
  readonly runtime: StackRuntime;
  /** Left out: nothing but the reconciler works here, as on simulated nodes. */
  readonly tools?: EngineTools;
  /** Through which everything told of a stack leaves; left out where no secret is ever opened. */
  readonly door?: Door;
  /** Follows container logs; left out where there are none, as on simulated nodes. */
  logs?(around: LogsAround): LogShipping;
  facts(): Facts;
  readonly version: string;
  readonly log: Logger;
  readonly now?: () => number;
  readonly random?: () => number;
}

export interface RunningAgent {
  readonly node: string;
  readonly isConnected: boolean;
  /** What it would report now. */
  report(): Report;
  /** Containers run on. */
  stop(): Promise<void>;
}

/** Before a document says otherwise. */
const USUAL_HEARTBEAT_SECONDS = 10;

export async function startAgent(parts: AgentParts): Promise<RunningAgent> {
  const { node, signer, credential, store, runtime, version, log } = parts;
  const leaving = parts.door ?? door(() => openly);
  const now = parts.now ?? Date.now;
  const random = parts.random ?? Math.random;
  const bootId = newId();
  const nonce = newId();
  let session: Session | null = null;
  const bus = () => session?.bus() ?? null;
  const told = nodeFacts(parts.facts, () => runtime.versions());

  const conditions = new Conditions(now, () => reporter.soon());
  const { spool } = store;
  const recorded = recorder({
    spool,
    bootId,
    now,
    clean: leaving.event,
    onRecorded() {
      wake();
      conditions.set('spool-full', spool.isFull, 'events wait for the core and the oldest are dropped');
    },
    onDisk(failure) {
      conditions.set('state-unwritable', failure !== null, `the agent's disk takes nothing: ${failure ?? ''}`);
    },
  });

  const held = await HeldDocument.load({
    node,
    signer,
    cache: parts.documents,
    log,
    onAccepted() {
      const { generation, hash } = held.pointer ?? { generation: null, hash: null };
      audit.note({ action: 'document.accept', object: 'document', outcome: 'succeeded', detail: { generation, hash } });
      conditions.set('document-rejected', false, 'a newer document was accepted');
      conditions.set('paused', held.document?.config.paused ?? false, 'an operator paused this node');
      loop.documentChanged();
      logs?.documentChanged();
      heart.beat();
      reporter.soon();
    },
    onSame: () => reporter.soon(),
    onRejected(reason, generation) {
      recorded.record({ type: 'document.rejected', reason, generation });
      conditions.set('document-rejected', true, reason);
    },
  });

  const reporter = startReporter({ node, bus, build: report, log });
  const { audit: trail } = store;
  const drains = [
    startDrain({
      ...{ what: 'event', spool, bus, log, random },
      emit: (link, { sequence, event }) =>
        link.emit('nodeEvent', { node }, event, { position: { epoch: spool.epoch, sequence } }),
      onRefused({ sequence }, reason) {
        recorded.record({ type: 'events.lost', from: sequence, to: sequence, reason });
      },
    }),
    ...(trail === null
      ? []
      : [
          startDrain({
            ...{ what: 'audit record', spool: trail, bus, log, random },
            emit: (link, { sequence, entry }) =>
              link.emit('nodeAudit', { node }, entry, { position: { epoch: trail.epoch, sequence } }),
            // The core finds the hole in the chain, which says more than we could.
            onRefused() {},
          }),
        ]),
  ];
  const wake = () => {
    for (const drain of drains) drain.wake();
  };
  const audit = auditKeeper({ node, bootId, trail, log, now, onNoted: wake });
  const current = () => ({
    intervalSeconds: held.document?.config.heartbeatSeconds ?? USUAL_HEARTBEAT_SECONDS,
    observedGeneration: store.observedGeneration(),
    documentHash: held.pointer?.hash ?? null,
  });
  const heart = startHeartbeat(node, { bootId, agentVersion: version, current }, bus, { now, random });
  const loop = startLoop({
    runtime,
    store,
    recorder: recorded,
    log,
    now,
    document: () => held.document,
    onChange: () => reporter.soon(),
    onEngine: (isResponsive, reason) => conditions.set('docker-unresponsive', !isResponsive, reason),
  });
  const document = () => held.document;
  const onCondition: LogsAround['onCondition'] = (...told) => conditions.set(...told);
  const logs = parts.logs?.({ node, bus, document, onCondition, log, now, random });
  const witness = await startWitness({
    file: parts.witness ?? memoryWitness(),
    log,
    onConflict: (reason) => conditions.set('audit-conflict', reason !== null, reason ?? ''),
    onRefused: (reason, number) => recorded.record({ type: 'checkpoint.refused', reason, number }),
  });
  const around = { node, loop, runtime, store, recorder: recorded, log, now, document };
  const commanded = nodeCommands(parts.tools ?? null, around);
  const { reauthenticate } = parts;
  const onRenewed = () =>
    audit.note({ action: 'credential.renew', object: `nodes/${node}`, outcome: 'succeeded', detail: {} });
  const renewal = startRenewal({ node, credential, bus, reauthenticate, onRenewed, log, now, random });
  const commands = new CommandJournal({
    node,
    nonce,
    signer,
    log,
    now,
    onCommand: (verb, { id }, fault) => audit.note(commandDone(verb, fault), fault === null ? id : undefined),
    actions: {
      refresh() {
        session?.refresh();
        heart.beat();
        reporter.soon();
      },
      renew: () => void renewal.renew(),
      ...commanded.answers,
      witness: () => witness.held(),
    },
  });
  session = startSession({
    node,
    connect: () => parts.connect(credential),
    renewal,
    held,
    commands,
    hello: async () => ({ kind: 'hello', agentVersion: version, bootId, nonce, facts: await told.fresh() }),
    onCoreTime(time) {
      const skew = clockSkew(Date.parse(time), now());
      conditions.set('clock-skew', skew.isSkewed, skew.reason);
    },
    onCheckpoint: witness.offer,
    onLink() {
      heart.beat();
      for (const drain of drains) drain.linkIsBack();
      logs?.linkIsBack();
      renewal.linkIsBack();
      reporter.soon();
    },
    log,
    random,
  });

  function report(): Report {
    const { stacks, unmanaged } = loop.view();
    return leaving.report({
      kind: 'report',
      bootId,
      agentVersion: version,
      at: new Date(now()).toISOString(),
      document: held.pointer,
      observedGeneration: store.observedGeneration(),
      stacks: [...stacks],
      unmanaged: [...unmanaged],
      conditions: conditions.list(),
      facts: told.latest(),
    });
  }

  recorded.record({ type: 'agent.started', version });
  log.info({ node, bootId, generation: held.pointer?.generation ?? null }, 'agent started');
  return {
    node,
    get isConnected() {
      return bus()?.isConnected ?? false;
    },
    report,
    async stop() {
      heart.stop();
      renewal.stop();
      await Promise.all([commanded.stop(), loop.stop()]);
      await reporter.stop();
      await Promise.all([...drains.map((drain) => drain.stop()), logs?.stop()]);
      await session?.stop();
      await witness.stop();
      store.close();
    },
  };
}
