// One deployment, followed live: a snapshot that is complete up to one place of the event stream, all that is told after
// that place, and a last snapshot when it has ended.
import { setTimeout as pause } from 'node:timers/promises';
import type { Bus, LiveMessage } from '#infra/nats/bus.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { CloudEvent } from '#subjects/schema/cloud-event.ts';
import type { Deployment } from '#subjects/schema/deployment.ts';
import { joined, outlineOf, stepsOf, wholeDeployment } from '../whole-deployment.ts';
import { deploymentFramer, frameOf, isBeginning, isFinish } from './deployment-frames.ts';
import { completed, type ToldStep, toldStep } from './deployment-snapshot.ts';
import type { Frame } from './sse.ts';
import type { LiveStream } from './stream.ts';

/** The scheduler follows the stream within moments; further back it has put down all. */
const BEHIND_MAX = 2048;
const PAGE = 256;
/** The core may start again just when a deployment ends. */
const LAST_TRIES = 30;
const LAST_PAUSE_MS = 1000;

export interface Sources {
  readonly bus: Bus;
  readonly events: LiveStream;
}

interface Standing {
  readonly deployment: Deployment;
  /** Where the stream ended before its first page was asked for. */
  readonly since: number;
  /** Sequence up to which it is complete. */
  readonly place: number;
}

/**
 * The place last: what the scheduler had put down by then stands before it. Steps, which take many questions, are made good
 * from the stream; where each target is can't be, so that is asked for just before the place.
 */
export async function standing({ bus, events }: Sources, id: string): Promise<Standing> {
  const since = await events.last();
  const steps = await stepsOf(bus, id);
  const deployment = joined(await outlineOf(bus, id), steps);
  return { deployment, since, place: await events.last() };
}

const eventOf = ({ body }: LiveMessage) => body as CloudEvent;

/** What was told of the deployment up to its place, oldest first, as far back as what it was put together from may be. */
async function toldBefore(events: LiveStream, { deployment: { id }, place, since }: Standing): Promise<CloudEvent[]> {
  const found: CloudEvent[] = [];
  for (let cursor: number | null = place + 1; cursor !== null && cursor > since - BEHIND_MAX; ) {
    const { messages, next } = await events.before(cursor, PAGE);
    for (const event of messages.map(eventOf)) {
      if (event.subject === `deployments/${id}` || event.data['deployment'] === id) found.push(event);
      if (isBeginning(event, id)) return found.reverse();
    }
    cursor = next;
  }
  return found.reverse();
}

async function complete(sources: Sources, begun: Standing): Promise<Standing> {
  const { id } = begun.deployment;
  let stands = begun;
  let told = await toldBefore(sources.events, stands);
  // It ended between the two questions: nothing more would come that says so.
  if (stands.deployment.finishedAt === null && told.some((event) => isFinish(event, id))) {
    stands = await standing(sources, id);
    told = await toldBefore(sources.events, stands);
  }
  const steps = told.map((event) => toldStep(event, id)).filter((step): step is ToldStep => step !== null);
  return { ...stands, deployment: completed(stands.deployment, steps) };
}

async function lastWord({ bus }: Sources, id: string, signal: AbortSignal): Promise<Deployment> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await wholeDeployment(bus, id);
    } catch (error) {
      const isPassing = error instanceof OverseerError && (error.code === 'unavailable' || error.code === 'timeout');
      if (!isPassing || tries === LAST_TRIES || signal.aborted) throw error;
      await pause(LAST_PAUSE_MS, undefined, { signal }).catch(() => {});
    }
  }
}

const ending = (deployment: Deployment, sequence: number): Frame[] => [
  frameOf('deployment', sequence, deployment),
  frameOf('end', sequence, {}),
];

/** `from`: the last sequence that the caller knows of this deployment; null: it knows nothing. */
export async function* deploymentFrames(
  sources: Sources,
  begun: Standing,
  from: number | null,
  signal: AbortSignal,
): AsyncGenerator<Frame, void, undefined> {
  const { deployment, place } = from === null ? await complete(sources, begun) : begun;
  const { id } = deployment;
  const isOver = deployment.finishedAt !== null;
  if (from === null && isOver) return yield* ending(deployment, place);
  if (from === null) yield frameOf('deployment', place, deployment);
  const start = from ?? place;
  const framed = deploymentFramer(deployment);
  const { events } = sources;
  for await (const message of isOver ? events.between(start, place, signal) : events.follow(start, signal)) {
    const event = eventOf(message);
    const frame = framed(event, message.streamSequence);
    if (frame) yield frame;
    if (isFinish(event, id)) return yield* ending(await lastWord(sources, id, signal), message.streamSequence);
  }
  if (isOver && !signal.aborted) yield* ending(deployment, Math.max(start, place));
}
