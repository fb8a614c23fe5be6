// The reconciler: look, plan, act, look again. Wakes on a new document, on what happens at the engine and every minute.
// Invariants: one flight a stack; what is looked at while a flight is under way says nothing about its stack; a stack
// that fails never holds up another; converged means that every stack of the document has its outcome.
import type { Logger } from '#infra/logger.ts';
import type { DesiredDocument } from '#subjects/schema/desired.ts';
import { Bell } from '../bell.ts';
import type { Recorder } from '../outbox/recorder.ts';
import type { AgentStore } from '../state/store.ts';
import { type Flight, startFlight } from './flight.ts';
import { earliest } from './health.ts';
import { namedImages } from './images.ts';
import { Ledger } from './ledger.ts';
import type { Observed, SeenContainer } from './model.ts';
import { plan } from './plan.ts';
import type { Observation, RuntimeEvent, StackRuntime } from './runtime.ts';
import { type StacksView, settleAndView } from './settle.ts';
import type { Step } from './steps.ts';

export interface LoopParts {
  readonly runtime: StackRuntime;
  readonly store: AgentStore;
  readonly recorder: Recorder;
  readonly log: Pick<Logger, 'info' | 'warn' | 'debug'>;
  now(): number;
  document(): DesiredDocument | null;
  /** Something to report. */
  onChange(): void;
  /** Whether the engine answers. */
  onEngine(isResponsive: boolean, reason: string): void;
}

export interface StackLoop {
  documentChanged(): void;
  view(): StacksView;
  stop(): Promise<void>;
}

/** Each Compose call keeps a core or two busy; more at a time only makes all of them slower. */
const FLIGHTS_AT_ONCE = 4;
const LOOK_AT_LEAST_EVERY_MS = 60_000;
const ENGINE_AWAY_RETRY_MS = 3_000;
/** When stopping: long enough for most changes to end, short enough for a supervisor's patience. */
const STOP_GRACE_MS = 8_000;

export function startLoop(parts: LoopParts): StackLoop {
  const { runtime, store, recorder, log, now } = parts;
  const ledger = new Ledger(store, recorder.announce);
  const flights = new Map<string, Flight>();
  const bell = new Bell();
  let view: StacksView = { stacks: [], unmanaged: [] };
  let isStopping = false;
  const events = runtime.events(onEvent);

  function onEvent(event: RuntimeEvent): void {
    if (event.type === 'container') {
      const { type: _, id: __, ...fact } = event;
      const isOurs = parts.document()?.stacks.some(({ name }) => name === event.stack) || flights.has(event.stack);
      if (isOurs) recorder.recordSoon({ type: 'container.changed', ...fact });
      // What a flight does to its own stack is looked at when it has ended.
      if (flights.has(event.stack)) return;
    }
    bell.ring();
  }

  function imagesToLookFor(document: DesiredDocument): string[] {
    const open = document.stacks.filter(
      ({ name, hash, state }) => state === 'running' && !flights.has(name) && ledger.find(name)?.appliedHash !== hash,
    );
    return [...new Set(open.flatMap((stack) => namedImages(stack).images.map(({ image }) => image)))];
  }

  async function look(document: DesiredDocument): Promise<Observation | null> {
    try {
      const observation = await runtime.observe({ images: imagesToLookFor(document) });
      parts.onEngine(true, 'the engine answers');
      return observation;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      parts.onEngine(false, `the engine does not answer: ${reason}`);
      log.debug({ error }, 'the engine does not answer');
      return null;
    }
  }

  function join(observation: Observation): Observed {
    const byStack = new Map<string, SeenContainer[]>();
    for (const name of ledger.names()) byStack.set(name, []);
    for (const container of observation.containers) {
      const list = byStack.get(container.stack);
      if (list) list.push(container);
      else byStack.set(container.stack, [container]);
    }
    const { missingImages } = observation;
    const stacks = [...byStack].map(([name, containers]) => [name, { record: ledger.find(name), containers }] as const);
    return { stacks: new Map(stacks), missingImages };
  }

  /** @returns how long to wait before the next look */
  async function pass(): Promise<number> {
    const document = parts.document();
    if (document === null) return LOOK_AT_LEAST_EVERY_MS;
    for (const flight of flights.values()) if (!isWanted(flight, document)) flight.abort();
    const busy = new Map(flights);
    const observation = await look(document);
    if (observation === null) return ENGINE_AWAY_RETRY_MS;
    // Taken anew while this one was looked for: the next pass, which is due already, judges by the new one.
    if (document !== parts.document()) return 0;
    const at = now();
    const observed = join(observation);
    const planned = plan(document, observed, at);
    const settled = settleAndView({ document, observed, planned, busy, ledger, recorder, now: at });
    const isNews = JSON.stringify(view) !== JSON.stringify(settled.view);
    view = settled.view;
    if (settled.isConverged && store.observedGeneration() !== document.generation) {
      store.keepObservedGeneration(document.generation);
      parts.onChange();
    } else if (isNews) {
      parts.onChange();
    }
    depart(planned.steps, document, busy);
    const until = planned.blocked.map((blocked) => (blocked.until === 'resumed' ? null : blocked.until));
    const next = earliest([...until, settled.lookAgainAt]) ?? Number.POSITIVE_INFINITY;
    return Math.min(Math.max(next - now(), 0), LOOK_AT_LEAST_EVERY_MS);
  }

  function depart(steps: readonly Step[], document: DesiredDocument, busy: ReadonlyMap<string, Flight>): void {
    for (const [stack, own] of Map.groupBy(steps, (step) => step.stack)) {
      const [first, ...rest] = own;
      if (first === undefined || busy.has(stack) || isStopping || flights.size >= FLIGHTS_AT_ONCE) continue;
      const target = document.stacks.find(({ name }) => name === stack);
      const isRepair = target !== undefined && ledger.hasTold(stack, target.hash, target.deployment);
      const flight = startFlight([first, ...rest], isRepair, { runtime, ledger, recorder, log, now });
      flights.set(stack, flight);
      parts.onChange();
      void flight.ended
        .catch((error: unknown) => log.warn({ error, stack }, 'a stack could not be changed'))
        .finally(() => {
          flights.delete(stack);
          bell.ring();
        });
    }
  }

  async function run(): Promise<void> {
    while (!isStopping) {
      let wait = ENGINE_AWAY_RETRY_MS;
      try {
        wait = await pass();
      } catch (error) {
        log.warn({ error }, 'a look at the stacks failed');
      }
      if (!isStopping) await bell.wait(wait);
    }
  }

  const done = run();
  return {
    documentChanged: () => bell.ring(),
    view: () => ({
      ...view,
      stacks: view.stacks.map((stack) => {
        const flight = flights.get(stack.name);
        if (flight === undefined || stack.phase === 'removing') return stack;
        return { ...stack, phase: 'applying', reason: flight.why };
      }),
    }),
    async stop() {
      isStopping = true;
      bell.ring();
      await events.stop();
      for (const flight of flights.values()) flight.abort(STOP_GRACE_MS);
      await Promise.allSettled([...flights.values()].map(({ ended }) => ended));
      await done;
      recorder.flush();
    },
  };
}

function isWanted(flight: Flight, document: DesiredDocument): boolean {
  const target = document.stacks.find(({ name }) => name === flight.stack);
  if (target) return target.hash === flight.hash;
  return document.removed.some(({ name }) => name === flight.stack) && flight.hash.startsWith('removed ');
}
