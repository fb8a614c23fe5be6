// The reconciler: look, plan, act, look again. Wakes on a new document, on what happens at the engine and every few
// seconds.
// Invariants: one flight a stack; what is looked at while a flight is under way says nothing about its stack; a stack
// that fails never holds up another; converged means that every stack of the document has its outcome.
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '#infra/logger.ts';
import type { DesiredDocument, DesiredStack } from '#subjects/schema/desired.ts';
import type { StackFailure } from '#subjects/schema/node-event.ts';
import { Bell } from '../bell.ts';
import type { Recorder } from '../outbox/recorder.ts';
import type { AgentStore } from '../state/store.ts';
import { failureOf } from './failure.ts';
import { fetching } from './fetching.ts';
import { type Flight, startFlight } from './flight.ts';
import { earliest } from './health.ts';
import { imagesOf } from './images.ts';
import { Ledger } from './ledger.ts';
import type { Observed, SeenContainer } from './model.ts';
import { plan } from './plan.ts';
import type { Observation, RuntimeEvent, StackRuntime, StepResult } from './runtime.ts';
import { type StacksView, settleAndView } from './settle.ts';
import type { Step } from './steps.ts';
import { survey } from './survey.ts';

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
  /** What is there now, for whoever plans without doing it. @throws when the engine does not answer */
  observed(): Promise<Observed>;
  /**
   * Work on one stack while nothing else changes it. The signal: another version is wanted, or the agent stops.
   * @param why for whoever looks meanwhile
   */
  exclusive<T>(stack: string, why: string, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** What a stack is on this node: of the document, or the last good version when that was given up. */
  goal(stack: string): DesiredStack | null;
  /** Work that may fetch a stack's images: what their tags name afterwards is nobody's change by hand. */
  fetching(target: DesiredStack, work: () => Promise<StepResult>): Promise<StepResult>;
  /** Images that desired stacks and their last good versions name: none of them may be thrown away. */
  keptImages(): Set<string>;
  stop(): Promise<void>;
}

/** Each Compose call keeps a core or two busy; more at a time only makes all of them slower. */
const FLIGHTS_AT_ONCE = 4;
/** Of its own: what died is brought back however many deployments wait for something. */
const REPAIRS_AT_ONCE = 2;
/** With those that only fetch images. */
const MOST_AT_ONCE = 12;
/** After a flight that could not even be remembered: the disk. */
const BROKEN_RETRY_MS = 5_000;
const ENGINE_AWAY_RETRY_MS = 3_000;
/** When stopping: long enough for most changes to end, short enough for a supervisor's patience. */
const STOP_GRACE_MS = 8_000;

export function startLoop(parts: LoopParts): StackLoop {
  const { runtime, store, recorder, log, now } = parts;
  const ledger = new Ledger(store, recorder.announce);
  const fetches = fetching(ledger, runtime);
  const about = survey(ledger, fetches.isUnderWay);
  const flights = new Map<string, Flight>();
  const repairs = new Set<Flight>();
  const isBusy = (stack: string) => flights.has(stack);
  /** What was under way at some time of the present look. */
  let disturbing = new Map<string, Flight>();
  const bell = new Bell();
  let view: StacksView = { stacks: [], unmanaged: [] };
  let isStopping = false;
  const events = runtime.events(onEvent);

  function onEvent(event: RuntimeEvent): void {
    if (event.type === 'secrets') {
      recorder.record({ type: 'secrets.opened', stack: event.stack, secrets: [...event.secrets] });
      return;
    }
    if (event.type === 'container') {
      const { type: _, id: __, ...fact } = event;
      const isOurs = parts.document()?.stacks.some(({ name }) => name === event.stack) || flights.has(event.stack);
      if (isOurs) recorder.recordSoon({ type: 'container.changed', ...fact });
      // What a flight does to its own stack is looked at when it has ended.
      if (flights.has(event.stack)) return;
    }
    if (event.type === 'touched' && flights.has(event.stack)) return;
    bell.ring();
  }

  async function look(document: DesiredDocument): Promise<Observation | null> {
    try {
      const observation = await runtime.observe(about.question(document, isBusy));
      parts.onEngine(true, 'the engine answers');
      return observation;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      parts.onEngine(false, `the engine does not answer: ${reason}`);
      log.debug({ error }, 'the engine does not answer');
      return null;
    }
  }

  /** @returns how long to wait before the next look */
  async function pass(): Promise<number> {
    const document = parts.document();
    if (document === null) return runtime.restMs;
    for (const flight of flights.values()) if (!isWanted(flight, document, about.goals(document))) flight.abort();
    const busy = new Map(flights);
    disturbing = busy;
    const observation = await look(document);
    if (observation === null) return ENGINE_AWAY_RETRY_MS;
    // Taken anew while this one was looked for: the next pass, which is due already, judges by the new one.
    if (document !== parts.document()) return 0;
    const at = now();
    const observed = about.join(observation);
    const planned = plan(document, observed, at);
    const looked = { document, observed, planned, busy, ledger, recorder, now: at };
    let settled = settleAndView({ ...looked, failures: new Map() });
    if (settled.unexplained.size > 0) {
      const failures = await explain(settled.unexplained);
      if (document !== parts.document()) return 0;
      settled = settleAndView({ ...looked, failures });
    }
    const isNews = JSON.stringify(view) !== JSON.stringify(settled.view);
    view = settled.view;
    if (settled.isConverged && store.observedGeneration() !== document.generation) {
      store.keepObservedGeneration(document.generation);
      parts.onChange();
    } else if (isNews) {
      parts.onChange();
    }
    const valid = planned.steps.filter(({ stack }) => !settled.givenUp.has(stack));
    depart(valid, document, busy);
    if (settled.givenUp.size > 0) return 0;
    const until = planned.blocked.map((blocked) => (blocked.until === 'resumed' ? null : blocked.until));
    const next = earliest([...until, settled.lookAgainAt]) ?? Number.POSITIVE_INFINITY;
    return Math.min(Math.max(next - now(), 0), runtime.restMs);
  }

  /** What made them fail, before it is replaced. */
  async function explain(culprits: ReadonlyMap<string, SeenContainer>): Promise<Map<string, StackFailure>> {
    const found = [...culprits].map(async ([stack, container]) => {
      return [stack, failureOf(container, await runtime.lastWords(container))] as const;
    });
    return new Map(await Promise.all(found));
  }

  function depart(steps: readonly Step[], document: DesiredDocument, busy: ReadonlyMap<string, Flight>): void {
    for (const [stack, own] of Map.groupBy(steps, (step) => step.stack)) {
      const [first, ...rest] = own;
      if (first === undefined || busy.has(stack) || flights.has(stack) || isStopping) continue;
      const target = document.stacks.find(({ name }) => name === stack);
      const isRepair = target !== undefined && ledger.hasTold(stack, target.hash, target.deployment);
      if (!hasRoom(isRepair)) continue;
      const flight = startFlight([first, ...rest], isRepair, { runtime, ledger, fetches, recorder, log, now });
      flights.set(stack, flight);
      if (isRepair) repairs.add(flight);
      parts.onChange();
      void flight.ended
        .catch((error: unknown) => {
          log.warn({ error, stack }, 'a stack could not be changed');
          return pause(BROKEN_RETRY_MS, undefined, { ref: false });
        })
        .finally(() => {
          flights.delete(stack);
          repairs.delete(flight);
          bell.ring();
        });
    }
  }

  function hasRoom(isRepair: boolean): boolean {
    const alike = [...flights.values()].filter((flight) => flight.takesPlace() && repairs.has(flight) === isRepair);
    return flights.size < MOST_AT_ONCE && alike.length < (isRepair ? REPAIRS_AT_ONCE : FLIGHTS_AT_ONCE);
  }

  async function exclusive<T>(stack: string, why: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    for (let other = flights.get(stack); other !== undefined; other = flights.get(stack)) {
      await other.ended.catch(() => {});
      // Its place is given free right after.
      await Promise.resolve();
    }
    const target = about.goals(parts.document() ?? { stacks: [] }).find(({ name }) => name === stack);
    if (target === undefined || isStopping) throw new Error(`${stack} is not wanted here any more`);
    const stopping = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const ended = work(stopping.signal).finally(() => {
      clearTimeout(timer);
      flights.delete(stack);
      bell.ring();
    });
    const flight: Flight = {
      ...{ stack, why, hash: target.hash },
      ended: ended.then(
        () => {},
        () => {},
      ),
      takesPlace: () => false,
      abort(graceMs = STOP_GRACE_MS) {
        timer ??= setTimeout(() => stopping.abort(), graceMs);
      },
    };
    flights.set(stack, flight);
    disturbing.set(stack, flight);
    parts.onChange();
    return ended;
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
    async observed() {
      return about.join(await runtime.observe(about.question(parts.document() ?? { stacks: [] }, isBusy)));
    },
    exclusive,
    goal: (stack) => about.goals(parts.document() ?? { stacks: [] }).find(({ name }) => name === stack) ?? null,
    fetching: fetches.during,
    keptImages: () => imagesOf([...(parts.document()?.stacks ?? []), ...ledger.goods()]),
    view: () => ({
      ...view,
      stacks: view.stacks.map((stack) => {
        const flight = flights.get(stack.name);
        if (flight === undefined || stack.phase === 'removing') return stack;
        // What failed and is tried again has failed until it runs.
        const target = parts.document()?.stacks.find(({ name }) => name === stack.name);
        const isOver = target !== undefined && ledger.hasTold(target.name, target.hash, target.deployment);
        if (isOver && stack.phase === 'failed') return stack;
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

function isWanted(flight: Flight, document: DesiredDocument, goals: readonly DesiredStack[]): boolean {
  const target = goals.find(({ name }) => name === flight.stack);
  if (target) return target.hash === flight.hash;
  return document.removed.some(({ name }) => name === flight.stack) && flight.hash.startsWith('removed ');
}
